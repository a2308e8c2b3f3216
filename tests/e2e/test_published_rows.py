"""RULES 4, and HAZARDS 6, 11, 12, 13, 15, 40, 41, with two real processes."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from tests.e2e.world import CODE, World

pytestmark = pytest.mark.e2e
TREE = """
name = "essai"
[[folder]]
path = "Achats"
[[folder]]
path = "Envoi"
direction = "to_portal"
[[folder]]
path = "Retour"
direction = "to_cabinet"
[[folder]]
path = "Secret"
direction = "none"
[[folder]]
path = "Remis"
on_local_removal = "restore"
[[folder]]
path = "Retiré"
on_local_removal = "remove"
[[folder]]
path = "Petit"
max_size = 10
extensions = ["pdf"]
"""


@pytest.fixture
def ruled(world: World, tmp_path: Path) -> World:
    template = tmp_path / "essai.toml"
    template.write_text(TREE)
    world.portal("client", "set", CODE, "--template", str(template))
    assert world.run().code == 0
    return world


def test_only_folders_of_the_tree_are_published(world: World) -> None:
    world.write("Divers/x.pdf", "unknown folder")
    world.write("racine.pdf", "at the top")
    done = world.run()
    assert done.code == 0 and done.summary["uploaded"] == 0
    assert {e["path"] for e in done.actions("problem")} == {"Divers", "racine.pdf"}
    world.portal("folder", "add", CODE, "Divers")
    world.run()
    assert set(world.online()) == {"Divers/x.pdf"}


def test_nothing_of_a_none_folder_crosses(ruled: World) -> None:
    assert ruled.path("Secret").is_dir()
    ruled.write("Secret/plan/x.pdf", "secret")
    done = ruled.run()
    assert done.summary["uploaded"] == 0 and "plan" not in done.out
    assert ruled.put("Secret/y.pdf", "y", check=False).code == 3
    ruled.same()


def test_to_portal_does_not_take_online_changes(ruled: World) -> None:
    ruled.write("Envoi/a.pdf", "one")
    ruled.run()
    ruled.put("Envoi/a.pdf", "online")
    ruled.put("Envoi/new.pdf", "online")
    done = ruled.run()
    assert done.code == 0 and "direction" in done.reasons and ruled.here() == {"Envoi/a.pdf": b"one"}
    ruled.write("Envoi/a.pdf", "ours, newest")
    ruled.run()
    assert ruled.bytes_online("Envoi/a.pdf") == b"ours, newest" and ruled.bytes_online("Envoi/a.pdf", 2) == b"online"
    ruled.remove("Envoi/a.pdf")
    ruled.run()
    assert ruled.here() == {"Envoi/supp_a.pdf": b"ours, newest"}


def test_to_cabinet_does_not_send_local_changes(ruled: World) -> None:
    ruled.put("Retour/a.pdf", "one")
    ruled.write("Retour/ours.pdf", "stays here")
    done = ruled.run()
    assert done.code == 0 and "direction" in done.reasons and set(ruled.online()) == {"Retour/a.pdf"}
    ruled.write("Retour/a.pdf", "our edit")
    ruled.run()
    assert ruled.bytes_online("Retour/a.pdf") == b"one"
    ruled.put("Retour/a.pdf", "portal two")
    ruled.run()
    here = ruled.here()
    assert here["Retour/a.pdf"] == b"portal two" and b"our edit" in here.values()
    assert set(ruled.online()) == {"Retour/a.pdf"}
    assert ruled.run().idle


def test_on_local_removal(ruled: World) -> None:
    for folder in ("Remis", "Retiré"):
        ruled.write(f"{folder}/a.pdf", folder)
    ruled.run()
    ruled.path("Remis/a.pdf").unlink()
    ruled.path("Retiré/a.pdf").unlink()
    done = ruled.run()
    assert sorted(e["action"] for e in done.events if e["action"] != "problem") == ["download", "remove"]
    assert ruled.here() == {"Remis/a.pdf": b"Remis"} and set(ruled.online()) == {"Remis/a.pdf"}
    ruled.same()


def test_refusals_are_known_before_sending_and_others_go_on(ruled: World) -> None:
    ruled.write("Petit/long.pdf", "more than ten bytes")
    ruled.write("Petit/tool.exe", "x")
    ruled.write("Petit/page.txt", "x")
    ruled.write("Petit/empty.pdf", "")
    ruled.write("Petit/aux.pdf", "x")
    ruled.write("Petit/fine.pdf", "fine")
    done = ruled.run()
    assert done.code == 3 and done.summary["verdict"] == "warning" and done.summary["refused"] == 5
    assert {(e["path"], e["reason"]) for e in done.actions("refused")} == {
        ("Petit/long.pdf", "too_large"), ("Petit/tool.exe", "extension_not_allowed"), ("Petit/page.txt", "extension_not_allowed"),
        ("Petit/empty.pdf", "empty"), ("Petit/aux.pdf", "bad_name"),
    }  # fmt: skip
    assert set(ruled.online()) == {"Petit/fine.pdf"}
    again = ruled.run()
    assert again.code == 3 and again.summary["verdict"] == "done" and again.summary["requests"] == 2
    assert ruled.put("Petit/x.pdf", "more than ten bytes", check=False).out.strip() == "too_large"


def test_quota_refuses_some_and_takes_the_rest(world: World) -> None:
    world.portal("client", "quota", CODE, "100")
    for n in range(20):
        world.write(f"Achats/{n:02}.pdf", bytes([n]) * 10)
    done = world.run()
    assert done.code == 3 and done.summary["uploaded"] == 10 and done.summary["refused"] == 10
    assert done.reasons == {"quota"}
    world.portal("client", "quota", CODE, "0")
    assert world.run().summary["uploaded"] == 10
    world.same()


def test_a_full_space_is_known_before_anything_is_sent_run_after_run(world: World) -> None:
    world.portal("client", "quota", CODE, 1_000_000)
    world.write("Achats/small.pdf", b"s" * 1000)
    world.write("Achats/large.pdf", b"l" * 3_000_000)
    world.write("Achats/very large.pdf", b"v" * 12_000_000)  # would go by itself
    dry = world.run("--dry-run")
    assert dry.summary["uploaded"] == 1 and dry.reasons == {"quota"}
    done = world.run()
    assert (
        done.code == 3 and (done.summary["uploaded"], done.summary["refused"]) == (1, 2) and done.reasons == {"quota"}
    )
    for _ in range(4):
        done = world.run()
        assert done.code == 3 and done.summary["requests"] <= 2 and done.summary["refused"] == 2
    assert not list((world.portal_dir / "uploads").iterdir())
    world.write("Achats/small.pdf", b"t" * 999_000)  # a version that fits, to the last thousand
    assert world.run().summary["uploaded"] == 1
    world.write("Achats/one more.pdf", b"o" * 2000)
    assert world.run().summary["uploaded"] == 0
    world.remove("Achats/small.pdf")
    assert world.run().summary["uploaded"] == 1  # room came
    world.portal("client", "quota", CODE, 0)
    assert world.run().summary["uploaded"] == 2
    world.same()


def test_exercises_and_scope(world: World) -> None:
    for label in ("2023", "2024"):
        world.portal("client", "exercise", CODE, label, f"{label}-01-01", f"{label}-12-31", "--closed")
    world.portal("client", "exercise", CODE, "2025", "2025-01-01", "2025-12-31")
    world.portal("client", "set", CODE, "--scope", "open+1")
    for name in ("Achats/2023/a.pdf", "Achats/2024/b.pdf", "Achats/007868_202512/c.pdf", "Achats/d.pdf"):
        world.write(name, name)
    done = world.run()
    assert done.code == 0 and "out_of_scope" in done.reasons
    assert set(world.online()) == {"Achats/2024/b.pdf", "Achats/007868_202512/c.pdf", "Achats/d.pdf"}
    world.portal("client", "set", CODE, "--scope", "open")
    world.run()
    assert len(world.online()) == 3
    world.portal("client", "set", CODE, "--scope", "all")
    world.run()
    assert len(world.online()) == 4
    world.same()


def test_ignored_names_never_cross(world: World) -> None:
    for name in (
        "~$bilan.docx",
        ".~lock.x.odt#",
        "x.tmp",
        "Thumbs.db",
        "desktop.ini",
        ".DS_Store",
        "._x.pdf",
        "x.part",
    ):
        world.write(f"Achats/{name}", "x")
        assert world.put(f"Achats/{name}", "x", check=False).code == 3
    world.write("Achats/.syncdouille", "x")
    world.same()
    assert world.online() == {}


def test_what_becomes_ignored_stays_on_both_sides(world: World) -> None:
    world.write("Achats/a.pdf", "a")
    world.write("Achats/b.txt", "b")
    world.run()
    world.config.write_text(world.config.read_text().replace("ignore = []", 'ignore = ["*.pdf"]'))
    for _ in range(2):
        assert world.run().idle
    world.path("Achats/a.pdf").unlink()
    assert world.run().idle and "Achats/a.pdf" in world.online()
    world.write("Achats/a.pdf", "a")
    world.config.write_text(world.config.read_text().replace('ignore = ["*.pdf"]', "ignore = []"))
    world.run()
    world.same()


def test_nfd_names_are_the_same_place(world: World) -> None:
    nfd = unicodedata.normalize("NFD", "Achats/reçu été.pdf")
    world.write(nfd, "one")
    world.run()
    assert set(world.online()) == {unicodedata.normalize("NFC", nfd)}
    world.same()
    world.put(unicodedata.normalize("NFC", nfd), "two")
    world.run()
    assert world.here() == {nfd: b"two"}
    world.same()


def test_twins_by_case_or_accents_keep_the_known_one(world: World) -> None:
    world.write("Achats/a.pdf", "known")
    world.run()
    world.write("Achats/A.pdf", "twin")
    world.write("Achats/é.pdf", "composed")
    world.write(unicodedata.normalize("NFD", "Achats/é.pdf"), "decomposed")
    done = world.run()
    assert done.code == 3 and done.reasons == {"name_collision"} and done.summary["refused"] == 2
    assert len(world.here()) == 4 and len(world.online()) == 2 and world.bytes_online("Achats/a.pdf") == b"known"


def test_links_and_special_files_are_reported_not_touched(world: World) -> None:
    os.symlink("/etc", world.path("Achats/lien"))
    os.symlink("..", world.path("Achats/boucle"))
    os.mkfifo(world.path("Achats/tube"))
    done = world.run()
    assert done.code == 0 and {e["reason"] for e in done.events} == {"link"} and len(done.events) == 3
    assert world.online() == {}
    world.put("Achats/lien", "x", check=False)
    world.put("Achats/tube.pdf", "under a free name")
    os.symlink("/etc/hostname", world.path("Achats/pris.pdf"))
    world.put("Achats/pris.pdf", "online")
    done = world.run()
    assert done.code == 0 and done.summary["downloaded"] == 1 and world.path("Achats/pris.pdf").is_symlink()


def test_names_that_are_no_text_are_reported_with_an_escape(world: World) -> None:
    (Path(os.fsdecode(os.fsencode(world.path("Achats")) + b"/\xff.pdf"))).write_bytes(b"x")
    world.write("Achats/CON.pdf", "x")
    done = world.run()
    assert done.reasons == {"bad_name"} and {e["path"] for e in done.events} == {
        "Achats/\\xff.pdf",
        "Achats/CON.pdf",
    }


def test_names_windows_cannot_hold_are_made_safe_at_deposit(world: World) -> None:
    shown = world.put("Achats/Facture 12:05 TTC?.pdf", "x").out.strip()
    assert shown == "Achats/Facture 12-05 TTC-.pdf"
    assert world.put("Achats/CON.pdf", "y").out.strip() == "Achats/_CON.pdf"
    assert world.put("Achats/juin .pdf", "z").out.strip() == "Achats/juin.pdf"
    long = world.put("Achats/" + "é" * 200 + ".pdf", "long").out.strip()
    assert len(long.rpartition("/")[2].encode()) <= 255 and long.endswith("é.pdf")
    world.run()
    assert len(world.here()) == 4
    world.same()


def test_an_inode_used_again_at_once_is_no_move(world: World) -> None:
    path = world.write("Achats/a.pdf", "first")
    world.run()
    inode = path.stat().st_ino
    path.unlink()
    others = [path.with_name(f"{n}.tmp") for n in range(200)]  # others on this disk may be quicker once, never so often
    for other in others:
        other.write_text("other")
        if other.stat().st_ino == inode:
            other.rename(path.with_name("b.pdf"))
            break
    else:
        pytest.skip("this file system does not use inodes again at once")
    for other in others:
        other.unlink(missing_ok=True)
    world.run()
    assert world.online()["Achats/b.pdf"]["version"] == 1 and world.bytes_online("Achats/a.pdf") == b"first"


def test_two_documents_with_one_xxh3_are_different(world: World) -> None:
    data = Path(__file__).parent.parent / "data"
    a, b = (data / f"xxh3_twin_{x}.pdf" for x in "ab")
    world.write("Achats/t.pdf", a.read_bytes())
    world.run()
    world.put("Achats/t.pdf", b.read_bytes())
    world.run()
    assert world.here()["Achats/t.pdf"] == b.read_bytes()
    target = world.path("Achats/t.pdf")
    before = target.stat()
    target.write_bytes(a.read_bytes())
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    world.run()
    assert world.bytes_online("Achats/t.pdf") == a.read_bytes() and world.online()["Achats/t.pdf"]["version"] == 3
    world.same()


def test_a_template_folder_renamed_here_is_unknown_never_followed(world: World) -> None:
    world.write("Achats/a.pdf", "one")
    world.write("Fiscalité/TVA/t.pdf", "tva")
    world.run()
    os.rename(world.path("Achats"), world.path("Achats anciens"))
    os.rename(world.path("Fiscalité/TVA"), world.path("Fiscalité/TVA 2025"))
    done = world.run()
    assert done.code == 3 and done.idle and {"missing_folder", "unknown_folder"} <= done.reasons
    assert set(world.online()) == {"Achats/a.pdf", "Fiscalité/TVA/t.pdf"}
    os.rename(world.path("Achats anciens"), world.path("Achats"))
    os.rename(world.path("Fiscalité/TVA 2025"), world.path("Fiscalité/TVA"))
    world.same()


def test_moved_out_of_reach_ours_is_withdrawn_theirs_stays(world: World) -> None:
    world.write("Achats/ours.pdf", "ours")
    world.put("Achats/theirs.pdf", "theirs")
    world.run()
    world.path("Interne").mkdir(exist_ok=True)
    for name in ("ours", "theirs"):
        os.rename(world.path(f"Achats/{name}.pdf"), world.path(f"Interne/{name}.pdf"))
    done = world.run()
    assert done.summary["withdrawn"] == 1 and "moved_out" in done.reasons and done.code == 0
    assert set(world.online()) == {"Achats/theirs.pdf"} and world.online(deleted=True)["Achats/ours.pdf"]["deleted"]
    assert world.run().idle


def test_moved_to_another_client_is_withdrawn_here_and_new_there(world: World) -> None:
    world.client("007869", "EURL Durand")
    world.write("Achats/a.pdf", "one")
    world.run()
    os.rename(world.path("Achats/a.pdf"), world.path("Achats/a.pdf", "007869"))
    world.run()
    world.run()
    assert world.online() == {} and set(world.online("007869")) == {"Achats/a.pdf"}
    world.same()
