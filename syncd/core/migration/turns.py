"""Whose turn it is: the client that was served longest ago, so that the end of the alphabet never starves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def in_turn(codes: Iterable[str], served: Mapping[str, int]) -> list[str]:
    """`served`: the number of the turn that each client had last; those that never had one come first, by code."""
    return sorted(codes, key=lambda code: (served.get(code, 0), code))
