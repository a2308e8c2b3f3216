"""Everything the portal keeps of a client, version by version, with what is known of each: what a retrieval is made from."""

from __future__ import annotations

import msgspec

from syncd.core.content import Content
from syncd.core.wire_types import Count, Id, Moment, Path, Text, Word


class Kept(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A version, at its document's place of now. Moments: seconds since 1970, 0 where there is none.

    `current`: the one its document has now, be that live or `binned`. `by`, `origin` (`company cabinet engine`): who sent
    it, `at` when; `received_by`: '' where the cabinet's engine placed it. `modified`: the file's own date.
    """

    doc: Id
    path: Path
    content: Content
    version: Count
    version_id: Id
    current: bool = True
    binned: bool = False
    at: Moment = 0.0
    by: Text = ""
    origin: Word = ""
    received_at: Moment = 0.0
    received_by: Text = ""
    deleted_at: Moment = 0.0
    deleted_by: Text = ""
    reference: Text = ""
    modified: Moment | None = None
