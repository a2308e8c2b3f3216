"""The portal's phrases in English, and in French as it is printed: `syncd/portal/locale` and `printed`, from what code and templates say.

Without arguments it takes up new phrases (to be translated in the .po), drops those nobody says any more, and compiles.
`--check` writes nothing, and says what is missing or differs.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from syncd.core.typography import french

PORTAL = Path(__file__).parent.parent / "syncd" / "portal"
PO = PORTAL / "locale" / "en" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
PRINTED = PORTAL / "printed" / "fr" / "LC_MESSAGES" / "django.mo"
ONCE = datetime(2026, 11, 23, tzinfo=UTC)  # in the header: no other date, so that the same phrases are the same bytes
Phrase = str | tuple[str, str]

_CALLS = {"_", "gettext", "noop"}
_TRANSLATE = re.compile(r"""\{% translate (?:"([^"]*)"|'([^']*)') %\}""")
_BLOCK = re.compile(r"\{% blocktranslate(?: with .*?)? %\}(.*?)\{% endblocktranslate %\}", re.DOTALL)
_INSIDE = re.compile(r"""_\("([^"]*)"\)""")
_COUNTED = re.compile(r'\|counted:"([^",]*),([^",]*)"')
_PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")


def phrases() -> Iterator[Phrase]:
    for path in sorted(PORTAL.rglob("*.py")):
        if "migrations" not in path.parts:
            yield from _of_code(path)
    for path in sorted((PORTAL / "templates").rglob("*.*")):
        yield from _of_template(path.read_text(encoding="utf-8"))


def _of_code(path: Path) -> Iterator[Phrase]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        said = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if node.func.id in _CALLS and said:
            yield said[0]
        elif node.func.id == "counted" and len(said) == 2:
            yield said[0], said[1]


def _of_template(text: str) -> Iterator[Phrase]:
    for double, single in _TRANSLATE.findall(text):
        yield (double or single).replace("%", "%%")
    for block in _BLOCK.findall(text):
        yield re.sub(r"\{\{ (\w+) \}\}", r"%(\1)s", block.replace("%", "%%"))
    yield from _INSIDE.findall(text)
    yield from _COUNTED.findall(text)


def merged() -> Catalog:
    """What is said now, with the English that the .po holds of it."""
    old = read_po(io.BytesIO(PO.read_bytes()), locale="en") if PO.exists() else Catalog(locale="en")
    new = Catalog(locale="en", project="syncd", creation_date=ONCE, revision_date=ONCE, fuzzy=False, header_comment="")
    said = sorted(
        set(phrases()), key=lambda p: (isinstance(p, str), p)
    )  # with a plural first: it serves the singular too
    for phrase in said:
        singular = phrase if isinstance(phrase, str) else phrase[0]
        if singular not in new:
            known = old.get(singular)
            new.add(phrase, known.string if known is not None else "")
    return new


def printed(catalog: Catalog) -> bytes:
    """Each phrase by its French with spaces that no line breaks at; only what differs, and what has a plural."""
    out, made = io.BytesIO(), Catalog(locale="fr", project="syncd", creation_date=ONCE, revision_date=ONCE, fuzzy=False)
    for message in catalog:
        if not message.id:
            continue
        if isinstance(message.id, str):
            if (set_ := french(message.id)) != message.id:
                made.add(message.id, set_)
        else:
            made.add(message.id, tuple(french(form) for form in message.id))
    write_mo(out, made)
    return out.getvalue()


def faults(catalog: Catalog) -> Iterator[str]:
    for message in catalog:
        if not message.id:
            continue
        singular = message.id if isinstance(message.id, str) else message.id[0]
        english = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if not all(english):
            yield f"{PO.name}: no English for “{singular}”"
        for said in english:
            if said and sorted(set(_PLACES.findall(said))) != sorted(set(_PLACES.findall(singular))):
                yield f"{PO.name}: “{said}” fills in other values than “{singular}”"


def main() -> int:
    catalog, po, mo = merged(), io.BytesIO(), io.BytesIO()
    write_po(po, catalog, no_location=True, sort_output=True, width=120)
    write_mo(mo, catalog)
    found = list(faults(catalog))
    if "--check" in sys.argv:
        made = {PO: po.getvalue(), MO: mo.getvalue(), PRINTED: printed(catalog)}
        if any(not path.exists() or path.read_bytes() != data for path, data in made.items()):
            found.append(f"{PO.name} and {MO.name} are not what code and templates say: run scripts/catalog.py")
    else:
        PO.parent.mkdir(parents=True, exist_ok=True)
        PO.write_bytes(po.getvalue())
        MO.write_bytes(mo.getvalue())
        PRINTED.parent.mkdir(parents=True, exist_ok=True)
        PRINTED.write_bytes(printed(catalog))
    print("\n".join(found), end="\n" if found else "")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
