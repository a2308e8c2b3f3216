"""Whoever has `unzip`, `minisign` and `age` needs no syncd to read a package and to check it."""

from __future__ import annotations

import zipfile
from pathlib import Path

from syncd.jobs.packages.creation import Wish
from tests.jobs.packages.sides import CODE, Sides
from tests.support.strangers import stranger


def test_a_strangers_tool_proves_the_signature_and_reads_the_documents(tmp_path: Path) -> None:
    sides = Sides(tmp_path / "sides")
    sides.write("Achats/été.pdf", b"from the company")
    made = sides.send_company()
    assert made.manifest is not None
    with zipfile.ZipFile(sides.stick / made.file) as opened:
        assert opened.testzip() is None and opened.read("data/Achats/été.pdf") == b"from the company"
        opened.extract("manifest.json", tmp_path)
        opened.extract("manifest.json.minisig", tmp_path)
    told = stranger("minisign", "-V", "-m", "manifest.json", "-P", made.manifest.key, cwd=tmp_path)
    assert f"dossier:{CODE} seq:1" in told.decode()


def test_a_strangers_tool_opens_what_is_sealed(tmp_path: Path) -> None:
    sides = Sides(tmp_path / "sides")
    sides.write("Achats/a.pdf", b"from the company")
    made = sides.send_company(Wish(sealed=True))
    key = sides.home / "key.age"
    plain = stranger("age", "-d", "-i", key, sides.stick / made.file, cwd=tmp_path)
    assert plain.startswith(b"PK\3\4") and b"from the company" in plain
