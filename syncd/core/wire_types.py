"""What may cross the wire, as types: whatever decodes a value checks it by them (RULES 7).

Numbers from 0 to 2^53 (what JSON carries exactly), ids as they are made, paths as `paths.check` gives them, no text without
an end. A field that is none of these is no field of the wire (tests/wire holds every one to it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from syncd.core import paths

MOST = 2**53
_YEAR_10000 = 253_402_300_800.0
MAX_TEXT = 1000

Id = Annotated[str, Meta(pattern="^[0-9a-f]{32}$", max_length=32)]  # a $ alone would let a line's end pass
OptionalId = Annotated[str, Meta(pattern="^([0-9a-f]{32})?$", max_length=32)]
Hex = Annotated[str, Meta(pattern="^[0-9a-f]*$", max_length=64)]
ClientCode = Annotated[str, Meta(pattern="^[0-9A-Za-z][0-9A-Za-z._-]*$", max_length=40)]
Word = Annotated[str, Meta(pattern="^[0-9a-z_]*$", max_length=40)]  # a reason, a verdict, a counter
Handle = Annotated[str, Meta(max_length=64)]  # compared, never shown
Count = Annotated[int, Meta(ge=0, le=MOST)]
Moment = Annotated[float, Meta(ge=0, lt=_YEAR_10000)]  # seconds since 1970
Sha256 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Status = Literal["ok", "refused", "conflict"]
GivenPath = Annotated[str, Meta(max_length=4 * paths.MAX_PATH_BYTES)]  # of one item: judged, and refused, by itself

if TYPE_CHECKING:
    Path = paths.ClientPath
    Text = str
    LongText = str
else:

    class _Plain(type):
        """What is decoded stays plain text: the type is there to be checked by."""

        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, str)

    class Path(metaclass=_Plain):
        """A path inside a client, as both sides write it."""

    class Text(metaclass=_Plain):
        """What people read: names, sentences. Cut, and free of what a terminal would obey."""

    class LongText(metaclass=_Plain):
        """The same, as long as a path."""


def check(type_: Any, value: Any) -> Any:
    """For msgspec's `dec_hook`: what is of one of these types, or an `object`. Raises ValueError for what is not."""
    if type_ is Path:
        if not isinstance(value, str) or not paths.is_sound(value):
            raise ValueError(f"no path inside a client: '{paths.printable(str(value)[:120])}'")
        return value
    if type_ is object:
        _check_any(value)
        return value
    if not isinstance(value, str):
        raise ValueError("no text")
    if type_ is Text or type_ is LongText:
        return paths.printable(value[: MAX_TEXT if type_ is Text else paths.MAX_PATH_BYTES])
    raise NotImplementedError(type_)


def _check_any(value: object, depth: int = 6) -> None:
    """What a plan's lines hold is the planner's: here only that it is neither deep nor endless."""
    if isinstance(value, int | float):
        if not -MOST <= value <= MOST:
            raise ValueError("a number out of range")
    elif isinstance(value, str):
        if len(value) > 4 * paths.MAX_PATH_BYTES:
            raise ValueError("a text without an end")
    elif isinstance(value, list | dict):
        if not depth:
            raise ValueError("nested too deeply")
        for each in value:
            _check_any(each, depth - 1)
            if isinstance(value, dict):
                _check_any(value[each], depth - 1)
