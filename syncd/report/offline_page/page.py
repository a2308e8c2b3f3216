"""The page as one file: nothing of it is fetched, and its own policy forbids that anything ever be."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import msgspec

from syncd.core.brand_colour import for_dark
from syncd.core.folder_rules import NEVER
from syncd.core.ignore_patterns import PATTERNS
from syncd.core.packages.manifest import Folder, Way
from syncd.core.words import packages as said
from syncd.report.offline_page.facts import PageFacts

HERE = Path(__file__).parent
STYLES = HERE.parents[1] / "portal" / "styles"  # one look for all that a cabinet shows
LOOK = ("tokens", "base", "buttons", "fields", "chips")
SCRIPTS = (  # each after what it needs
    "facts", "bytes", "places", "manifest", "frame", "keys", "archive", "chain", "folders", "store", "words", "elements",
    "session", "receive", "send", "page",
)  # fmt: skip
_IMPORT = re.compile(r'^import (\{[^}]+\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function\*?|const|let|class) (\w+))", re.MULTILINE)


def offline_page(facts: PageFacts) -> bytes:
    styles = "".join((STYLES / f"{part}.css").read_text(encoding="utf-8") for part in LOOK)
    styles += f":root {{ --brand-own: {facts.colour}; --brand-dark: {for_dark(facts.colour)}; }}\n"
    styles += (HERE / "page.css").read_text(encoding="utf-8")
    libraries = (HERE / "libraries.min.js").read_text(encoding="utf-8")
    scripts = "".join(_scoped(part) for part in SCRIPTS)
    parts = {
        "policy": _policy(styles, libraries, scripts), "styles": styles, "libraries": libraries, "scripts": scripts,
        "facts": _facts(facts),
    }  # fmt: skip
    page = (HERE / "page.html").read_text(encoding="utf-8")
    return re.sub(r"\{(\w+)\}", lambda m: parts[m[1]], page).encode()


def _scoped(part: str) -> str:
    """A page that lies on a disk may import nothing: each module becomes a scope of the one script."""
    script = (HERE / "scripts" / f"{part}.js").read_text(encoding="utf-8")
    names = ", ".join(m[2] for m in _EXPORT.finditer(script))
    inside = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = module_\2;", script))
    return f"const module_{part} = (() => {{\n{inside}return {{ {names} }};\n}})();\n"


def _policy(styles: str, *scripts: str) -> str:
    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return "; ".join(
        (
            "default-src 'none'", f"script-src {' '.join(digest(s) for s in scripts)}", f"style-src {digest(styles)}",
            "img-src data:", "connect-src 'none'", "form-action 'none'", "base-uri 'none'", "require-trusted-types-for 'script'",
        )
    )  # fmt: skip


def _facts(facts: PageFacts) -> str:
    """As JSON that ends no script element, whatever a client is called."""
    more = {
        **msgspec.to_builtins(msgspec.structs.replace(facts, tree=())),
        "tree": [_folder(f) for f in facts.tree],
        "ignored": PATTERNS, "never": sorted(NEVER), "readMe": said.READ_ME.french,
        "senders": {way.value: said.SENDERS[way]("fr") for way in Way},
    }  # fmt: skip
    return msgspec.json.encode(more).decode().replace("<", "\\u003c")


def _folder(f: Folder) -> dict[str, object]:
    return {
        "path": f.path, "kind": f.kind, "direction": f.direction.value, "max_size": f.max_size, "extensions": f.extensions,
        "restricted": f.restricted,
    }  # fmt: skip
