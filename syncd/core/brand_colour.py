"""The cabinet's colour where pages are dark: as much white in it as it takes to be read there."""

from __future__ import annotations

import re

OWN = "#14507a"  # where a cabinet chose none
DARKEST = "#2b3440"  # the lightest ground that it is written on
READ = 4.6  # of contrast; 4.5 is asked for (WCAG AA)


def sound(colour: str) -> str:
    """`colour` where it is `#rrggbb`, else our own."""
    return colour if re.fullmatch(r"#[0-9a-f]{6}", colour) else OWN


def contrast(one: str, other: str) -> float:
    """Of two `#rrggbb`, 1 to 21."""
    lights = sorted((_light(one), _light(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def for_dark(colour: str) -> str:
    """`#rrggbb` mixed with white, 40 % of it or more."""
    for part in range(40, 101, 4):
        mixed = _mixed(colour, part / 100)
        if contrast(mixed, DARKEST) >= READ:
            return mixed
    return "#ffffff"


def _parts(colour: str) -> list[int]:
    return [int(colour[n : n + 2], 16) for n in (1, 3, 5)]


def _light(colour: str) -> float:
    shares = [c / 255 for c in _parts(colour)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(colour: str, white: float) -> str:
    return "#" + "".join(f"{round(c + (255 - c) * white):02x}" for c in _parts(colour))
