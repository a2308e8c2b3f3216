"""Security descriptors in one piece, as Windows writes them: whose a thing is, and who may do what with it.

What a folder gives to what is made in it is worked out here as the system does it when a document is made there: no call
of the system says it, and a document has its access list before it has its name.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_head = struct.Struct("<BxHIIII")  # revision, control, and where owner, group, audit list and access list begin
_list = struct.Struct("<BxHHxx")  # revision, size, how many entries
_entry = struct.Struct("<BBHI")  # kind, flags, size, rights; then whose
_PRESENT, _WANTED, _INHERITED, _PROTECTED, _IN_ONE_PIECE = 0x0004, 0x0100, 0x0400, 0x1000, 0x8000
_ALLOWS, _BY_SID = (0x00, 0x09), (0x00, 0x01, 0x09, 0x0A)  # kinds of entries: that allow; that name but an account
_TO_DOCUMENTS, _NOT_HERE, _FROM_ABOVE = 0x01, 0x08, 0x10
_READ, _WRITE, _EXECUTE, _ALL = 0x8000_0000, 0x4000_0000, 0x2000_0000, 0x1000_0000
_OF_DOCUMENTS = {_READ: 0x12_0089, _WRITE: 0x12_0116, _EXECUTE: 0x12_00A0, _ALL: 0x1F_01FF}
_READ_DATA = 0x1
_CREATOR = bytes((1, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0))  # whoever makes it
EVERYBODY = bytes((1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0))


def owner(described: bytes) -> bytes:
    """Its number; b"" where none is kept."""
    return _number(described, _head.unpack_from(described)[2]) if described else b""


def text(number: bytes) -> str:
    """As S-1-…; "" for none."""
    if not number:
        return ""
    parts = struct.unpack(f"<{number[1]}I", number[8 : 8 + 4 * number[1]])
    return "-".join(("S", str(number[0]), str(int.from_bytes(number[2:8], "big")), *map(str, parts)))


def inherits(described: bytes) -> bool:
    """Whether others may use what may be used by them where it lies."""
    return bool(described) and not _head.unpack_from(described)[1] & _PROTECTED


def to_be_set(described: bytes) -> bytes:
    """The same, for the call that sets it: else what it inherited would count as its own from then on."""
    revision, control, *rest = _head.unpack_from(described)
    if control & _INHERITED:
        control |= _WANTED
    return _head.pack(revision, control, *rest) + described[_head.size :]


def readers(described: bytes) -> list[bytes]:
    """Numbers of those who are allowed to read it."""
    if not _access(described):
        return [EVERYBODY]  # no list lets everybody in
    return [
        whose
        for kind, flags, rights, whose in _entries(described)
        if kind in _ALLOWS and not flags & _NOT_HERE and _plain(rights) & _READ_DATA
    ]


def inside(folder: bytes, account: bytes) -> bytes:
    """The access list of a document that `account` makes in a folder with this one; b"": the folder gives nothing."""
    given = []
    for kind, flags, rights, whose in _entries(folder):
        if kind in _BY_SID and flags & _TO_DOCUMENTS:
            who = account + whose[len(_CREATOR) :] if whose.startswith(_CREATOR) else whose
            given.append(_entry.pack(kind, _FROM_ABOVE, _entry.size + len(who), _plain(rights)) + who)
    if not given:
        return b""
    entries, control = b"".join(given), _PRESENT | _INHERITED | _IN_ONE_PIECE
    return _head.pack(1, control, 0, 0, 0, _head.size) + _list.pack(2, _list.size + len(entries), len(given)) + entries


def _access(described: bytes) -> int:
    """Where its access list begins; 0: it has none."""
    _, control, _, _, _, at = _head.unpack_from(described)
    return int(at) if control & _PRESENT else 0


def _entries(described: bytes) -> Iterator[tuple[int, int, int, bytes]]:
    at = _access(described) if described else 0
    if not at:
        return
    _, _, count = _list.unpack_from(described, at)
    at += _list.size
    for _ in range(count):
        kind, flags, size, rights = _entry.unpack_from(described, at)
        yield kind, flags, rights, described[at + _entry.size : at + size]
        at += size


def _plain(rights: int) -> int:
    """What "read", "write" and "all" mean of documents."""
    for generic, meant in _OF_DOCUMENTS.items():
        if rights & generic:
            rights = rights & ~generic | meant
    return rights


def _number(described: bytes, at: int) -> bytes:
    return described[at : at + 8 + 4 * described[at + 1]] if at else b""
