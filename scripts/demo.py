"""The demonstration: a portal and an engine as two processes, and everything that happens to a document, once."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import sample_documents as sample

SYNCD = Path(sys.executable).with_name("syncd")
PASSWORD = "demonstration-2026"
STAMP = time.strftime("%d/%m/%Y")
BOLD, DIM, OFF = (
    ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() and "NO_COLOR" not in os.environ else ("", "", "")
)


class Demo:
    def __init__(self, base: Path) -> None:
        self.base, self.portal, self.root = base, base / "portal", base / "clients"
        self.config = base / "syncd.toml"
        self.server: subprocess.Popen[str] | None = None
        self.url = ""
        self.code, self.name = "007868", "SARL Dupont"

    # -- processes -----------------------------------------------------------------------------------------------------

    def syncd(self, *args: object, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "SYNCD_SCHEDULE_SETTLE": "0s"}  # nobody is writing to these documents any more
        done = subprocess.run([SYNCD, *map(str, args)], capture_output=True, text=True, env=env, check=False)
        if expect is not None and done.returncode != expect:
            sys.exit(
                f"demo: syncd {' '.join(map(str, args))} ended with {done.returncode}, not {expect}\n{done.stdout}{done.stderr}"
            )
        return done

    def manage(self, *args: object) -> str:
        words = [str(a) for a in args]
        depth = 2 if words[0] in ("client", "folder", "document") else 1
        return self.syncd("portal", *words[:depth], self.portal, *words[depth:]).stdout.strip()

    def run(self, expect: int = 0) -> None:
        print(f"{DIM}$ syncd run{OFF}")
        done = self.syncd("--config", self.config, "run", expect=expect)
        print("".join(f"  │ {line}\n" for line in done.stdout.rstrip().splitlines()), end="")
        print(f"{DIM}  exit code {done.returncode}{OFF}")

    def approve(self, *codes: str) -> None:
        print(f"{DIM}$ syncd approve {' '.join(codes)} --yes{OFF}")
        done = self.syncd("--config", self.config, "approve", *codes, "--yes")
        lines = done.stdout.rstrip().splitlines()
        shown = lines if len(lines) <= 9 else [*lines[:6], f"  … {len(lines) - 7} more lines", lines[-1]]
        print("".join(f"  │ {line}\n" for line in shown), end="")

    def start(self) -> None:
        password = self.base / "password"
        password.write_text(PASSWORD)
        self.syncd(
            "portal",
            "init",
            self.portal,
            "--cabinet",
            "Cabinet Martin",
            "--admin-email",
            "direction@cabinet-martin.fr",
            "--admin-password-file",
            password,
        )
        password.unlink()
        self.server = subprocess.Popen(
            [SYNCD, "portal", "serve", self.portal, "--port", "0"], stdout=subprocess.PIPE, text=True
        )
        assert self.server.stdout is not None
        self.url = self.server.stdout.readline().strip()
        (self.base / "token").write_text(self.manage("engine-token") + "\n")

    def stop(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.terminate()
            self.server.wait(15)

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def dir(self) -> Path:
        return next(p for p in self.root.iterdir() if p.name.startswith(f"{self.code} - "))

    def here(self) -> dict[str, int]:
        top = self.dir()
        return {
            str(p.relative_to(top)): p.stat().st_size
            for p in sorted(top.rglob("*"))
            if p.is_file() and ".syncd" not in p.parts
        }

    def online(self) -> dict[str, int]:
        rows = map(json.loads, self.manage("document", "list", self.code, "--json").splitlines())
        return {r["path"]: r["size"] for r in rows}

    def trees(self, title: str, folders: tuple[str, ...]) -> None:
        def wanted(paths: dict[str, int]) -> list[str]:
            return [p for p in paths if p.startswith(folders)]

        here, online = wanted(self.here()), wanted(self.online())
        shown = sorted({*here, *online})
        width = min(64, max([len(p) for p in shown] + [20]))
        print(f"  {title:<{width}}  cabinet  portal")
        for path in shown[:16]:
            name = path if len(path) <= width else path[: width - 13] + "…" + path[-12:]
            print(f"    {name:<{width - 2}}  {'●' if path in here else '·':^7}  {'●' if path in online else '·':^6}")
        if len(shown) > 16:
            print(f"    … and {len(shown) - 16} more")
        if not shown:
            print("    (nothing)")

    def step(self, title: str, folders: tuple[str, ...], act: Callable[[], object], expect: int = 0) -> None:
        print(f"\n{BOLD}── {title}{OFF}")
        self.trees("before", folders)
        act()
        self.run(expect)
        self.trees("after", folders)

    # -- what people do ----------------------------------------------------------------------------------------------------

    def put(self, path: str, data: bytes) -> None:
        file = self.base / "deposit"
        file.write_bytes(data)
        self.manage("document", "put", self.code, path, file, "--as-company")
        file.unlink()

    def write(self, path: str, data: bytes) -> None:
        target = self.dir() / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def invoice(number: int, who: str = "Fournitures Leclerc") -> bytes:
    return sample.pdf(f"Facture F-2026-{number:04}", [who, f"Montant : {number * 17 % 900 + 12},50 EUR", f"Le {STAMP}"])


def sample_cabinet(root: Path) -> None:
    """Two clients as a cabinet has them before syncd: ordinary folders, genuine documents."""
    dupont = root / "007868 - SARL Dupont"
    files = {
        **{f"Achats/2026/Facture {n:03}.pdf": invoice(n) for n in range(1, 25)},
        "Achats/2026/Facture électricité été – n° 12 (réglée).pdf": invoice(900, "Électricité de l'Été"),
        "Achats/2026/"
        + "Relevé détaillé des consommations de l'établissement principal et de ses annexes, " * 2
        + "2026.pdf": invoice(901),
        "Ventes/2026/FA-2026-001.pdf": sample.pdf(
            "Facture FA-2026-001",
            ["Factur-X"],
            attachment=("factur-x.xml", sample.factur_x_xml("FA-2026-001", "1250.00")),
        ),
        "Ventes/2026/FA-2026-001.xml": sample.factur_x_xml("FA-2026-001", "1250.00"),
        "Banque/2026/Relevé janvier.xlsx": sample.xlsx(
            [["Date", "Libellé", "Montant"], ["02/01/2026", "Loyer", -1200.0], ["05/01/2026", "Virement", 3400.0]]
        ),
        "Banque/2026/Chèques scannés.tif": sample.tiff(),
        "Fiscalité/FEC/123456789FEC20251231.txt": sample.fec(),
        "Interne/Note de l'associé.pdf": sample.pdf("Note interne", ["Ne sort pas du cabinet"]),
    }
    morel = root / "008412 - Cabinet infirmier Morel"
    others = {"Banque/Relevé.pdf": invoice(77, "Banque Postale"), "Recettes/Honoraires mars.pdf": invoice(78, "CPAM")}
    for top, contents in ((dupont, files), (morel, others)):
        for path, data in contents.items():
            target = top / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)


def given_cabinet(source: Path, root: Path) -> list[tuple[str, str, Path]]:
    """Copies of the directories found in `source`; the originals are never touched."""
    found = []
    for n, directory in enumerate(sorted(p for p in source.iterdir() if p.is_dir() and not p.name.startswith(".")), 1):
        match = re.fullmatch(r"([0-9A-Za-z][0-9A-Za-z._-]{0,39})(?: - | |_)(.+)", directory.name)
        code, name = (
            (match[1], match[2]) if match and any(c.isdigit() for c in match[1]) else (f"{n:06}", directory.name)
        )
        target = root / f"{code} - {name}"
        shutil.copytree(directory, target, symlinks=True, ignore=shutil.ignore_patterns(".syncd*"))
        found.append((code, name, target))
    if not found:
        sys.exit(f"demo: '{source}' holds no directory to mirror.")
    return found


def prepare(demo: Demo, source: Path | None) -> None:
    demo.root.mkdir()
    if source is None:
        sample_cabinet(demo.root)
        demo.start()
        demo.manage("client", "add", "007868", "SARL Dupont", "--template", "commerce")
        demo.manage("client", "add", "008412", "Cabinet infirmier Morel", "--template", "liberal")
    else:
        found = given_cabinet(source, demo.root)
        demo.start()
        for code, name, directory in found:
            demo.manage("client", "add", code, name, "--template", "commerce")
            for folder in sorted(p for p in directory.iterdir() if p.is_dir()):
                if folder.name != "Interne":
                    demo.manage("folder", "add", code, folder.name)
        demo.code, demo.name = found[0][0], found[0][1]
    demo.syncd(
        "init", "--root", demo.root, "--state", demo.base / "state", "--logs", demo.base / "journaux", "--portal", demo.url,
        "--token-file", demo.base / "token", "--out", demo.config,
    )  # fmt: skip


def tell(demo: Demo, source: Path | None) -> None:
    everything = ("",)
    print(f"{BOLD}A cabinet and its portal, as two processes{OFF}: {demo.url}")
    demo.step(
        "Directories that existed before syncd: the first publication is asked", everything, lambda: None, expect=4
    )
    codes = [line.split("\t")[0] for line in demo.manage("client", "list").splitlines()]
    waiting = json.loads(demo.syncd("--config", demo.config, "status", "--json").stdout.splitlines()[0])
    assert waiting["client"] in codes
    demo.approve(*codes)
    refused = 0 if source is None else None
    print(f"\n{BOLD}── … and done once agreed{OFF}")
    done = demo.syncd("--config", demo.config, "run", expect=refused)
    print("".join(f"  │ {line}\n" for line in done.stdout.rstrip().splitlines()[-3:]), end="")
    demo.trees("after", everything)
    code = done.returncode

    demo.step("Two deposits arrive", ("Achats/Démo", "À classer"), lambda: (demo.put("Achats/Démo/Facture café.pdf", invoice(501)), demo.put("À classer/ticket.pdf", invoice(502))), code)  # fmt: skip
    demo.step("An edit on each side: a new version here, new bytes there", ("Achats/Démo", "À classer"), lambda: (demo.write("Achats/Démo/Facture café.pdf", invoice(503)), demo.put("À classer/ticket.pdf", invoice(504))), code)  # fmt: skip

    def moves() -> None:
        top = demo.dir()
        (top / "Achats/Démo/Facture café.pdf").rename(top / "Achats/Démo/Facture café – juin.pdf")
        demo.manage("document", "move", demo.code, "À classer/ticket.pdf", "Achats/Démo/ticket.pdf")

    demo.step("A document renamed here, another filed online: no transfer", ("Achats/Démo", "À classer"), moves, code)

    def folders() -> None:
        top = demo.dir()
        demo.put("Banque/Démo en ligne/avis.pdf", invoice(505))
        demo.syncd("--config", demo.config, "run", expect=code)
        (top / "Achats/Démo").rename(top / "Achats/Démo 2026")
        demo.manage("folder", "move", demo.code, "Banque/Démo en ligne", "Banque/Avis")

    demo.step(
        "A folder renamed on each side: one request, one rename",
        ("Achats/Démo", "Banque/Avis", "Banque/Démo"),
        folders,
        code,
    )
    demo.step("Deleted online: never deleted here", ("Achats/Démo",), lambda: demo.manage("document", "remove", demo.code, "Achats/Démo 2026/ticket.pdf"), code)  # fmt: skip
    demo.step("Restored from the bin: renamed back, no transfer", ("Achats/Démo",), lambda: demo.manage("document", "restore", demo.code, "Achats/Démo 2026/ticket.pdf"), code)  # fmt: skip

    def conflict(number: int = 601) -> None:
        demo.write("Achats/Démo 2026/ticket.pdf", invoice(number, "annoté par le cabinet"))
        demo.put("Achats/Démo 2026/ticket.pdf", invoice(number + 1, "corrigé par le client"))

    demo.step("Edited on both sides: two versions kept, on both sides", ("Achats/Démo",), conflict, code)
    demo.step("A 25 MB scan is refused with its reason; the rest goes on", ("Achats/Démo",), lambda: (demo.write("Achats/Démo 2026/gros scan.pdf", sample.pdf("Scan", ["lourd"], padding=25_000_000)), demo.write("Achats/Démo 2026/petit.pdf", invoice(603))), 3)  # fmt: skip
    (demo.dir() / "Achats/Démo 2026/gros scan.pdf").unlink()
    (demo.dir() / "Interne").mkdir(exist_ok=True)
    demo.step("Moved into a folder that does not exist online: withdrawn", ("Achats/Démo", "Interne"), lambda: (demo.dir() / "Achats/Démo 2026/petit.pdf").rename(demo.dir() / "Interne/petit.pdf"), code)  # fmt: skip

    def storm_ready() -> None:
        for n in range(60):
            demo.write(f"Caisse/Tickets/{n:02}.pdf", invoice(700 + n))

    demo.step("Sixty till receipts (a first publication again: asked)", ("Caisse",), storm_ready, 4)
    demo.approve(demo.code)
    demo.syncd("--config", demo.config, "run", expect=code)
    demo.step("A mass deletion online is held back", ("Caisse",), lambda: demo.manage("folder", "remove", demo.code, "Caisse/Tickets"), 4)  # fmt: skip
    demo.approve(demo.code)
    demo.step("… and done once agreed: set aside, nothing deleted", ("Caisse",), lambda: None, code)

    print(f"\n{BOLD}── Proof{OFF}\n{DIM}$ syncd verify{OFF}")
    proof = demo.syncd("--config", demo.config, "verify")
    lines = proof.stdout.rstrip().splitlines()
    print(
        "".join(
            f"  │ {line}\n" for line in (lines if len(lines) < 14 else [*lines[:12], f"… {len(lines) - 12} more lines"])
        ),
        end="",
    )
    demo.write("Achats/Démo 2026/petit bis.pdf", invoice(801))
    demo.write("Achats/Démo 2026/macro.exe", b"MZ")
    demo.put("Ventes/Démo/Facture client.pdf", invoice(802))
    conflict(611)
    demo.syncd("--config", demo.config, "run", expect=3)
    print(f"\n{BOLD}── After a last busy run, the report an accountant reads{OFF}")
    print(demo.syncd("--config", demo.config, "report").stdout)
    print(f"{DIM}Reports: {demo.base / 'journaux'}{OFF}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Mirror a sample cabinet, or copies of the client directories in DIR.")
    parser.add_argument("dir", nargs="?", type=Path, metavar="DIR")
    parser.add_argument("--serve", action="store_true", help="leave the portal running")
    options = parser.parse_args()
    if options.dir is not None and not options.dir.is_dir():
        parser.error(f"'{options.dir}' is no directory")
    demo, told = Demo(Path(tempfile.mkdtemp(prefix="syncd-demo-"))), False
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        prepare(demo, options.dir)
        tell(demo, options.dir)
        told = True
        if options.serve:
            print(f"The portal stays at {demo.url} – sign in as direction@cabinet-martin.fr with {PASSWORD}")
            print(
                f"The cabinet's folders: {demo.root}\nAnother pass: {SYNCD} --config {demo.config} run\nCtrl-C ends it.",
                flush=True,
            )
            assert demo.server is not None
            demo.server.wait()
    except KeyboardInterrupt:
        pass
    finally:
        demo.stop()
        if not told:  # whoever saw it to its end looks at what it made
            shutil.rmtree(demo.base, ignore_errors=True)


main()
