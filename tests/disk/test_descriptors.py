"""Windows' security descriptors, as bytes: what a folder gives to a document, and who may read one."""

from __future__ import annotations

import struct

from syncd.disk.windows import security_descriptors

ALLOWED, DENIED, AUDIT = 0, 1, 2
DOCUMENTS, FOLDERS, ONCE, ONLY_INSIDE, FROM_ABOVE = 0x01, 0x02, 0x04, 0x08, 0x10
ALL, READ, WRITE_DATA = 0x1F_01FF, 0x12_0089, 0x2


def sid(*numbers: int, authority: int = 5) -> bytes:
    return bytes((1, len(numbers))) + authority.to_bytes(6, "big") + struct.pack(f"<{len(numbers)}I", *numbers)


ANNE, ACCOUNT, SYSTEM = sid(21, 1, 2, 3, 1001), sid(21, 1, 2, 3, 1100), sid(18)
CREATOR = sid(0, authority=3)


def described(*entries: tuple[int, int, int, bytes], control: int = 0x8004, owner: bytes = b"") -> bytes:
    listed = b"".join(struct.pack("<BBHI", k, f, 8 + len(s), r) + s for k, f, r, s in entries)
    made = struct.pack("<BBHHH", 2, 0, 8 + len(listed), len(entries), 0) + listed
    return struct.pack("<BBHIIII", 1, 0, control, 20 + len(made) if owner else 0, 0, 0, 20) + made + owner


def test_a_document_gets_what_its_folder_gives_to_documents_and_nothing_else() -> None:
    folder = described(
        (DENIED, DOCUMENTS | FOLDERS, WRITE_DATA, ANNE), (ALLOWED, DOCUMENTS | FOLDERS | FROM_ABOVE, READ, ANNE),
        (ALLOWED, 0, ALL, ANNE), (ALLOWED, FOLDERS, ALL, ANNE),
        (ALLOWED, DOCUMENTS | FOLDERS | ONLY_INSIDE, 0x1000_0000, CREATOR), (ALLOWED, DOCUMENTS | ONCE, 0x8000_0000, SYSTEM),
    )  # fmt: skip
    assert security_descriptors.inside(folder, ACCOUNT) == described(
        (DENIED, FROM_ABOVE, WRITE_DATA, ANNE), (ALLOWED, FROM_ABOVE, READ, ANNE), (ALLOWED, FROM_ABOVE, ALL, ACCOUNT),
        (ALLOWED, FROM_ABOVE, READ, SYSTEM), control=0x8404,
    )  # fmt: skip


def test_a_folder_that_gives_nothing_leaves_what_the_engine_made() -> None:
    assert security_descriptors.inside(described((ALLOWED, FOLDERS, ALL, ANNE)), ACCOUNT) == b""
    assert security_descriptors.inside(described(control=0x8000), ACCOUNT) == b""
    assert security_descriptors.inside(b"", ACCOUNT) == b""


def test_who_may_read() -> None:
    held = described(
        (DENIED, 0, READ, ANNE), (ALLOWED, 0, WRITE_DATA, ACCOUNT), (ALLOWED, ONLY_INSIDE | DOCUMENTS, ALL, ACCOUNT),
        (ALLOWED, FROM_ABOVE, 0x1000_0000, SYSTEM), (ALLOWED, 0, READ, ANNE), (AUDIT, 0, ALL, ACCOUNT),
    )  # fmt: skip
    assert security_descriptors.readers(held) == [SYSTEM, ANNE]
    assert security_descriptors.readers(described((ALLOWED, 0, READ, ANNE), control=0x8000)) == [
        security_descriptors.EVERYBODY
    ]
    assert security_descriptors.readers(described()) == []  # an empty list lets nobody in


def test_owners_and_numbers() -> None:
    assert (
        security_descriptors.owner(described(owner=ANNE)) == ANNE
        and security_descriptors.owner(described()) == security_descriptors.owner(b"") == b""
    )
    assert [security_descriptors.text(s) for s in (ANNE, SYSTEM, b"")] == ["S-1-5-21-1-2-3-1001", "S-1-5-18", ""]


def test_what_was_inherited_goes_on_being_inherited_and_what_is_protected_does_not_begin_to() -> None:
    assert security_descriptors.inherits(described()) and not security_descriptors.inherits(described(control=0x9004))
    assert not security_descriptors.inherits(b"")
    assert security_descriptors.to_be_set(described(control=0x8404)) == described(control=0x8504)
    assert security_descriptors.to_be_set(described(control=0x9004)) == described(control=0x9004)
