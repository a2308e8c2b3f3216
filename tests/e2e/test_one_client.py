"""One client's fault in a real service: it stays with that client, which says what; the service goes on (HAZARDS 45, 61, 62)."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.test_watch import Service, eventually, serve
from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
OTHER = "000002"

__all__ = ["serve"]


def test_a_service_serves_all_others_whatever_is_in_one_clients_directory(
    world: World, serve: Callable[..., Service]
) -> None:
    world.client(OTHER, "Client 2")
    assert world.run().code == 0
    service = serve()
    top, place = world.dir(), world.dir() / ".syncd" / "client.json"
    good = place.read_bytes()

    def online(path: str) -> bool:
        return path in world.online(OTHER)

    def a_fifo() -> Callable[[], object]:
        place.unlink()
        os.mkfifo(place)
        return lambda: (place.unlink(), place.write_bytes(good))

    def a_huge_number() -> Callable[[], object]:
        place.write_bytes(good.replace(b'"generation": ', b'"generation": 9223372036854775806, "was": '))
        return lambda: place.write_bytes(good)

    def no_text() -> Callable[[], object]:
        odd = Path(os.fsdecode(os.fsencode(top) + b" \xff"))
        top.rename(odd)
        return lambda: odd.rename(top)

    for n, fault in enumerate((a_fifo, a_huge_number, no_text)):
        mend = fault()
        path = f"Achats/{n}.pdf"
        world.write(path, f"of the other {n}", OTHER)
        eventually(partial(online, path))
        done = world.syncd("run", "--json")
        assert done.code == 3 and f'"stopped":["{CODE}"]' in done.out.replace(" ", ""), done.out[-600:]
        assert "Traceback" not in done.out + done.err
        mend()
        assert world.syncd("run", "--json").code == 0
    assert service.process.poll() is None and not service.said("Traceback")
    assert service.end() == 143
