"""A company's private space: its own people with a key, and nobody of the cabinet (ADR 25)."""

from __future__ import annotations

import ast
import asyncio
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.portal.private_rows import SECRET_PDF as SECRET
from tests.portal.private_rows import the_document
from tests.portal.upload_client import Depositor

PORTAL = Path(__file__).parent.parent.parent / "syncd" / "portal"


def test_only_who_holds_a_key_enters(space: Any, person: Callable[[Any], Any], browse: Callable[[Any], Any]) -> None:
    from syncd.portal.models import Grant, User

    rita = User.objects.create(cabinet=space.cabinet, sign_in="rita", name="Rita", role="contact")
    Grant.objects.create(user=rita, client=space.one, kind="*", verbs="view deposit download delete message")
    document, marie = the_document(space), browse(space.marie)
    assert SECRET in marie.get("/espace-prive/000001").content.decode()
    at = f"/espace-prive/000001/{document.id}"
    assert marie.get(at).status_code == 200 and marie.get(f"{at}/telecharger").getvalue() == b"%PDF- secret"
    for other in (space.boss, space.paul, rita):
        browser = browse(other)
        for path in (
            at,
            f"{at}/telecharger",
            f"{at}/apercu",
            "/espace-prive/000001/corbeille",
            "/espace-prive/000001/acces",
            "/espace-prive/000001/cle",
        ):
            assert browser.get(path).status_code == 404, (other.sign_in, path)
        for path in ("recuperer", "deposer"):
            assert browser.post(f"/espace-prive/000001/{path}").status_code == 404
        for do in ("open", "delete", "send", "give", "undo", "recover", "new_recovery", "noted"):
            answer = browser.post("/espace-prive/000001/action", {"do": do, "id": document.id})
            known = other == rita and do in ("open", "noted")  # there is one, says the page to a contact, and no more
            assert SECRET not in str(browser.session.get("said")), do
            assert answer.status_code == (302 if known else 404), (other.sign_in, do)
    assert browse(space.boss).get("/espace-prive").status_code == 404
    assert browse(space.boss).get("/espace-prive/000001").status_code == 404
    assert browse(space.paul).get("/espace-prive/000001").status_code == 404
    closed = browse(rita).get("/espace-prive/000001").content.decode()  # a contact learns whom to ask, and no more
    assert "Marie Dupont" in closed and SECRET not in closed
    assert "Espace privé" in browse(space.marie).get("/").content.decode()
    assert "Espace privé" not in browse(space.paul).get("/").content.decode()


def test_documents_folders_bin_and_versions(space: Any, person: Callable[[Any], Any]) -> None:
    from syncd.portal.documents.deposit import Incoming
    from syncd.portal.private_space import contents, deletions, deposits, retrieval
    from syncd.portal.refusals import Code, Refusal
    from syncd.portal.storage import blob_store

    marie, one = person(space.marie), space.one

    def take(folder: str, name: str, data: bytes, **more: Any) -> Any:
        staged, content = blob_store().stage_from(io.BytesIO(data))
        return deposits.take(marie, one, Incoming(folder, name, len(data), **more), staged, content)

    folder = contents.new_folder(marie, one, "", "Contrats")
    with pytest.raises(Refusal) as taken:
        contents.new_folder(marie, one, "", "CONTRATS")
    assert taken.value.code is Code.TAKEN
    assert take(folder.id, "2026/bail.pdf", b"1").outcome == "stored"
    assert take(folder.id, "2026/bail.pdf", b"1").outcome == "already"
    assert take(folder.id, "2026/bail.pdf", b"2").name == "bail (2).pdf"
    assert take("", "virus.exe", b"1").reason == "extension_not_allowed" and take("", "vide.pdf", b"").reason == "empty"
    found = contents.look(marie, one, words="bail")
    assert {d.name for d in found.documents} == {"bail.pdf", "bail (2).pdf"}
    lease = next(d for d in found.documents if d.name == "bail.pdf")
    assert take("", "bail.pdf", b"3", over=lease.id, base=1).outcome == "version"
    assert take("", "bail.pdf", b"4", over=lease.id, base=1).outcome == "beside"  # nobody saw version 2
    assert [v.number for v in contents.versions_of(marie, one, lease)] == [2, 1]
    contents.rename(marie, one, lease.id, "bail signé")
    name, deletion = deletions.remove_folder(marie, one, folder.id)
    assert name == "Contrats" and [d.name for d in contents.look(marie, one).documents] == [SECRET]
    assert deletions.take_back(marie, one, deletion) == 3
    names, _ = deletions.remove(marie, one, [lease.id])
    assert names == ["bail signé.pdf"] and [d.name for d in deletions.binned(marie, one)] == names
    deletions.remove_folder(marie, one, folder.id)
    assert deletions.restore(marie, one, [lease.id]) == names  # with the folders that it lay in
    with zipfile.ZipFile(io.BytesIO(b"".join(retrieval.archive(marie, one)))) as archive:
        assert set(archive.namelist()) == {SECRET, "Contrats/2026/bail signé.pdf", retrieval.DIGESTS}
        assert archive.read("Contrats/2026/bail signé.pdf") == b"3"
        listed = archive.read(retrieval.DIGESTS).decode()
    assert f"{hashlib.sha256(b'3').hexdigest()}  Contrats/2026/bail signé.pdf\n" in listed


def test_sending_to_the_cabinet_is_a_deposit_by_copy(
    space: Any, person: Callable[[Any], Any], browse: Callable[[Any], Any]
) -> None:
    from syncd.portal.models import Deposit, Document
    from syncd.portal.private_space import deletions

    document = the_document(space)
    assert not Document.objects.filter(client=space.one).exists()
    answer = browse(space.marie).post("/espace-prive/000001/action", {"do": "send", "id": document.id})
    deposit = Deposit.objects.get(client=space.one)
    assert answer.url == f"/depots/{deposit.number}"  # one click, and the receipt
    copy = Document.objects.get(client=space.one)
    assert (copy.path, copy.by_company) == (f"À classer/{SECRET}", True) and copy.version_id != document.version_id
    assert "privé" not in browse(space.boss).get(f"/documents/{copy.id}").content.decode()
    again = the_document(space)
    assert again.sent_number == deposit.number and again.sent_version == 1
    deletions.remove(person(space.marie), space.one, [document.id])
    copy.refresh_from_db()
    assert copy.tombstone == ""


def test_a_client_switched_off_keeps_its_space_to_be_read(space: Any, person: Callable[[Any], Any]) -> None:
    from syncd.portal.private_space import contents, deletions, deposits
    from syncd.portal.refusals import Refusal

    space.one.closed = True
    space.one.save()
    marie = person(space.marie)
    assert contents.look(marie, space.one).documents
    with pytest.raises(Refusal):
        deletions.remove(marie, space.one, [the_document(space).id])
    with pytest.raises(Refusal):
        deposits.take_stream(marie, space.one, "", "x.pdf", io.BytesIO(b"x"))


def test_names_lie_sealed_and_bytes_are_checked_without_them(space: Any, person: Callable[[Any], Any]) -> None:
    from django.db import connection

    from syncd.portal.documents import integrity
    from syncd.portal.storage import blob_store

    with connection.cursor() as cursor:
        cursor.execute("select name, changed_by from portal_privatedocument")
        assert all(v.startswith("sealed:") for row in cursor.fetchall() for v in row)
        cursor.execute("select about, by from portal_privateact where about <> ''")
        assert all(v.startswith("sealed:") for row in cursor.fetchall() for v in row)
    version = the_document(space).version_id
    faults = [f for f in integrity.check(blob_store(), repair=False, served=False) if version in f.where]
    assert faults == []  # whole, and no stray
    blob_store().move_away(version, "damaged")
    faults = [f for f in integrity.check(blob_store(), repair=False, served=False) if version in f.where]
    assert [(f.kind, f.where) for f in faults] == [("missing", f"private space, version {version}")]


def test_its_name_is_no_folders(space: Any, person: Callable[[Any], Any]) -> None:
    from syncd.core.errors import UsageError
    from syncd.core.templates import parse
    from syncd.portal.clients import tree
    from syncd.portal.refusals import Code, Refusal

    with pytest.raises(Refusal) as refused:
        tree.folder_add(person(space.boss), space.one, "ESPACE PRIVÉ/2026")
    assert refused.value.code is Code.PRIVATE_NAME
    for line in ('path = "Espace privé"', 'path = "X"\nkind = "private"'):
        with pytest.raises(UsageError):
            parse(f'name = "x"\ntitle = "X"\n[[folder]]\n{line}\n', "x.toml")


def test_the_kind_gives_nothing_to_anybody(space: Any) -> None:
    """Were a folder of that kind ever in a tree, no right would be held there."""
    from syncd.core.folder_rules import ClientRules, FolderRule
    from syncd.portal import rights

    place = rights.Place("c", ClientRules("1", (FolderRule("P", "private"),)), "P", "1")
    everything = {"1": rights.EVERYTHING}
    actors: list[rights.Actor] = [rights.Engine("c"), rights.Operator("c", "x"), rights.Operator("c", "x", "company")]
    actors += [rights.Person("c", "p", "x", role, everything, rights.EVERYTHING) for role in rights.Role]
    assert not any(rights.may(actor, verb, place) for actor in actors for verb in rights.Verb)
    all_verbs = frozenset(rights.Verb)
    assert not rights.allows({"private": all_verbs, "*": all_verbs}, rights.Verb.VIEW, "private")


# -- the seam --------------------------------------------------------------------------------------------------------------

MAY_NAME_THEM = {
    "models/__init__.py",
    "documents/integrity.py",
    "operations/backup.py",
}  # the latter two: bytes without names


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom():
                yield node.module or ""
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.Constant(value=str(text)):
                yield text
            case ast.Attribute():
                yield node.attr


def test_nobody_but_the_wing_names_private_rows() -> None:
    """Not by import, by a name for Django's registry, or in SQL; and no row of another table leads there."""
    from django.apps import apps

    found = set()
    private = re.compile(
        r"models\.private_space|portal_?\.?private(space|key|folder|document|version|act)", re.IGNORECASE
    )
    for path in sorted(PORTAL.parent.rglob("*.py")):
        at = path.relative_to(PORTAL).as_posix() if path.is_relative_to(PORTAL) else f"../{path.name}"
        if at.startswith(("private_space/", "migrations/", "models/private_space")):
            continue
        if any(private.search(name) for name in _names(ast.parse(path.read_text(encoding="utf-8")))):
            found.add(at)
    assert found == MAY_NAME_THEM
    rows = {m for m in apps.get_models() if m.__name__.startswith("Private")}
    assert len(rows) == 6
    for model in apps.get_models():
        ways = {f.related_model for f in model._meta.get_fields()} & rows
        assert model in rows or not ways, f"{model.__name__} leads into private spaces"


def test_rows_are_asked_for_by_way_of_an_entered_space_alone(space: Any) -> None:
    """`within` is called by `spaces` (after the right) and by who gives keys; every other question is refused."""
    from django.apps import apps

    from syncd.portal.models.private_space import NotEntered

    calling = {
        path.relative_to(PORTAL).as_posix()
        for path in PORTAL.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("within", "_base_manager") and path.name != "rights.py"
        and not path.is_relative_to(PORTAL / "migrations") and "private" in path.as_posix()
    }  # fmt: skip
    assert calling == {"private_space/spaces.py", "private_space/keys.py"}
    makes = {
        path.name for path in PORTAL.rglob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Space"
    }  # fmt: skip
    assert makes == {"spaces.py"}
    for model in (m for m in apps.get_models() if m.__name__.startswith("Private")):
        for ask in ("all", "count", "first", "exists"):
            with pytest.raises(NotEntered):
                getattr(model._default_manager, ask)()


def test_no_count_no_size_and_no_engine_depends_on_it(space: Any) -> None:
    """What the engine is told, `/metrics`, quotas, the rounds in the background, what a company or a cabinet takes along."""
    from syncd.portal.api import metrics
    from syncd.portal.documents import handover, integrity, store
    from syncd.portal.models import Audit, Cabinet, FeedRow
    from syncd.portal.operations import background
    from syncd.portal.people.visibility import person_of
    from syncd.portal.rights import Engine
    from syncd.portal.storage import blob_store
    from syncd.portal.sync import listings
    from tests.portal import private_rows

    engine = Engine(space.cabinet.id)
    head = Cabinet.objects.get(id=space.cabinet.id)
    assert head.deposit_number == 0  # no receipt was counted
    assert not FeedRow.objects.filter(client=space.one.id, kind="doc").exists()
    assert set(Audit.objects.values_list("what", flat=True)) <= {"tree_changed"}  # nothing in the cabinet's trail
    with private_rows.untouched(private_rows.ANY):
        told = metrics.collect().decode()
        assert f'syncd_documents_bytes{{cabinet="{space.cabinet.id}"}} 0.0' in told
        assert store.used(space.one) == 0
        assert integrity.rotten(engine, space.one.id, blob_store()) == []
        background.tell()
        boss = person_of(space.boss)
        (offered,) = handover.offered(boss, handover.clients_of(boss, ["000001"]))
        assert (offered.documents, offered.size) == (0, 0)
        (parity,) = listings.parities(engine, [space.one.id])
        assert parity.count == 0
        (tree,) = listings.trees(engine, [space.one.id])
        assert not any("priv" in rule.kind or "rivé" in rule.path for rule in tree.folders)


def test_a_browser_sends_into_it_in_pieces_and_nobody_else_does(
    office_there: Any, person: Callable[[Any], Any]
) -> None:
    from syncd.portal.models import Deposit, Document, Grant
    from syncd.portal.private_space import contents, keys

    Grant.objects.filter(user=office_there.paul, kind="*").update(verbs="view deposit download delete")
    keys.open_space(person(office_there.marie), office_there.one)
    line = asyncio.run(Depositor(office_there.marie, "prive:000001").deposit("", "Bail/2026/bail.pdf", b"%PDF- 1"))
    assert line == {"number": "", "outcome": "stored", "path": "bail.pdf", "message": ""}
    found = contents.look(person(office_there.marie), office_there.one, words="bail").documents
    assert [d.name for d in found] == ["bail.pdf"]
    for other in (office_there.boss, office_there.paul):
        refused = asyncio.run(Depositor(other, "prive:000001").create("", "x.pdf", 3))
        assert refused.status_code == 422 and "accès non autorisé" in refused.json()["message"]
    assert not Document.objects.exists() and not Deposit.objects.exists()


def test_what_was_cut_on_its_way_into_it_begins_no_receipt(
    office_there: Any, person: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from syncd.core.content import Content
    from syncd.portal.api import browser_uploads
    from syncd.portal.models import Cabinet, Deposit
    from syncd.portal.private_space import keys

    keys.open_space(person(office_there.marie), office_there.one)
    monkeypatch.setattr(browser_uploads, "hash_stream", lambda f: Content(3, b"x" * 32))
    marie = Depositor(office_there.marie, "prive:000001")
    created = asyncio.run(marie.create("", "bail.pdf", 4))
    assert asyncio.run(marie.patch(created.headers["location"], 0, b"%PDF")).status_code == 409
    assert not Deposit.objects.exists() and Cabinet.objects.get(id=office_there.cabinet.id).deposit_number == 0


@pytest.mark.embedded
def test_a_backup_carries_the_bytes_and_counts_none(
    office_there: Any, shared: Path, tmp_path: Path, person: Callable[[Any], Any]
) -> None:
    from syncd.portal.operations import backup
    from syncd.portal.private_space import contents, deposits, keys

    (shared / "secret_key").write_text("s" * 64)
    marie, counted = person(office_there.marie), list[tuple[int, int]]()
    keys.open_space(marie, office_there.one)
    deposits.take_stream(marie, office_there.one, "", SECRET, io.BytesIO(b"%PDF- secret"))
    version = contents.look(marie, office_there.one).documents[0].version_id
    assert backup.backup(shared, tmp_path / "copy", lambda n, of: counted.append((n, of))) == (0, [])
    assert counted == []
    assert (tmp_path / "copy" / "blobs" / version[:2] / version).read_bytes() == b"%PDF- secret"
    assert not any(SECRET.encode() in f.read_bytes() for f in (tmp_path / "copy").rglob("*") if f.is_file())
    assert backup.restore(tmp_path / "copy", tmp_path / "back", lambda n, of: None) == (0, [])
    assert (tmp_path / "back" / "blobs" / version[:2] / version).read_bytes() == b"%PDF- secret"
