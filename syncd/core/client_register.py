"""What the accounting software says of clients and people, as its extraction leaves it: dossiers.txt, users.txt, *_PAR.xml.

Which column is which field, the configuration says. An empty cell says nothing: nothing is ever cleared by it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from datetime import date
from xml.etree.ElementTree import Element

import msgspec

from syncd.core import delimited_text, fiscal_facts, safe_xml, untrusted_numbers
from syncd.core.client_cards import NAME, RESPONSIBLE
from syncd.core.search_folding import fold

CODE, CLOSING, TEMPLATE = "code", "closing", "template"
CARD = (
    NAME, RESPONSIBLE, "site", "group", "sector", "kind", "kind_of_file", "kind_of_work", "siren", "siret", "ape", "vat", "address",
    "contact_name", "contact_email", "contact_phone", "ape_2025", *fiscal_facts.FIELDS,
)  # fmt: skip
CLIENT_FIELDS = (CODE, *CARD, CLOSING, TEMPLATE)
PERSON_FIELDS = ("sign_in", "name", "email", "clients")
# What a column may be called where the first line names them, folded.
_CALLED: Mapping[str, tuple[str, ...]] = {
    CODE: ("code", "code dossier", "dossier", "numero dossier", "n° dossier", "no dossier"), NAME: ("raison sociale", "nom du dossier", "libelle"),
    CLOSING: ("cloture", "date de cloture"), RESPONSIBLE: ("collaborateur", "responsable"), "site": ("site",), "group": ("groupe",),
    "sector": ("secteur",), "siren": ("siren",), "siret": ("siret",), "ape": ("ape", "code ape", "naf"), "sign_in": ("identifiant", "login"),
    "legal_form": ("forme juridique", "forme"), "vat_regime": ("regime de tva", "regime tva", "tva"), "profit_tax": ("impot", "is/ir"),
    "profit_category": ("categorie de revenus", "categorie"), "headcount": ("effectif",), "department": ("departement",),
    "ape_2025": ("ape 2025", "code ape 2025", "naf 2025"), "email": ("e-mail", "email", "mail", "courriel"), "clients": ("dossiers",),
}  # fmt: skip
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,39}")
_PAR = re.compile(
    r"(?P<code>[0-9A-Za-z][0-9A-Za-z._-]{0,39})-(?P<year>[0-9]{4})(?P<month>[0-9]{2})_PAR\.xml", re.IGNORECASE
)
_DATES = (
    re.compile(r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})"), re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)"), re.compile(r"(?P<y>\d{4})(?P<m>\d\d)"),
)  # fmt: skip


class Dossier(msgspec.Struct, frozen=True):
    """A client as a line, or a file, says it. `where`: file and line; `ends`: when its exercise does."""

    where: str
    code: str
    values: Mapping[str, str]
    ends: date | None = None


class Member(msgspec.Struct, frozen=True):
    """Somebody of the cabinet: every name that is given, and the codes of the clients that the person follows."""

    where: str
    names: tuple[str, ...]
    clients: tuple[str, ...] = ()


class Fault(msgspec.Struct, frozen=True):
    """A line that says nothing that can be used."""

    where: str
    text: str


class Register(msgspec.Struct, frozen=True):
    """`parameters`: what files of `Export_PAR` say; `lines`: how many there were in each file, whatever they said."""

    dossiers: tuple[Dossier, ...] = ()
    parameters: tuple[Dossier, ...] = ()
    members: tuple[Member, ...] = ()
    faults: tuple[Fault, ...] = ()
    lines: Mapping[str, int] = {}


class Misread(ValueError):
    """A file that is not what the configuration says: nothing is taken from it."""


def dossiers(data: bytes, columns: Sequence[str], file: str = "dossiers.txt") -> Register:
    """Raises Misread."""
    found, faults = [], []
    lines = _lines(data, columns, file)
    for where, given in lines:
        code = given.pop(CODE, "")
        if not _CODE.fullmatch(code):
            faults.append(Fault(where, code))
            continue
        ends = closing(given.pop(CLOSING, ""))
        found.append(Dossier(where, code, {f: text for f, text in given.items() if text}, ends))
    return Register(tuple(found), faults=tuple(faults), lines={file: len(lines)})


def members(data: bytes, columns: Sequence[str], file: str = "users.txt") -> Register:
    """Raises Misread."""
    found, faults = [], []
    lines = _lines(data, columns, file)
    for where, given in lines:
        names = tuple(given[f] for f in ("sign_in", "name", "email") if given.get(f))
        if not names:
            faults.append(Fault(where, ""))
            continue
        found.append(
            Member(where, names, tuple(re.split(r"[\s,/+]+", given["clients"]) if given.get("clients") else ()))
        )
    return Register(members=tuple(found), faults=tuple(faults), lines={file: len(lines)})


def parameters(name: str, data: bytes, mapping: Sequence[str]) -> Dossier | None:
    """What a file of `Export_PAR` says: code and exercise by its name, fields by `mapping` (`siret = Dossier/Siret`). None: its
    name is no such file's. Raises Misread."""
    told = _PAR.fullmatch(name)
    if told is None or not 1 <= int(told["month"]) <= 12:
        return None
    try:
        root = safe_xml.parse(data)
    except safe_xml.BadXml as e:
        raise Misread(f"{name}: {e}") from None
    values = {}
    for line in mapping:
        field, path = mapped(line)
        if text := _text(root, path):
            values[field] = text
    return Dossier(name, told["code"], values, _month_end(int(told["year"]), int(told["month"])))


def mapped(line: str) -> tuple[str, str]:
    """`siret = Dossier/Siret` as field and path. Raises ValueError with what to write."""
    field, _, path = (part.strip() for part in line.partition("="))
    if field not in CARD or not path:
        raise ValueError(f"'{line}': write a field and a path, as siret = Dossier/Siret; fields are {', '.join(CARD)}")
    try:
        Element("x").find(path.partition("/@")[0])
    except (
        SyntaxError,
        TypeError,
        KeyError,
    ):  # the library answers an unclosed bracket, and an odd sign, with the others
        raise ValueError(f"'{line}': '{path}' is no path") from None
    return field, path


def together(registers: Sequence[Register], parameters: Sequence[Dossier] = ()) -> Register:
    """What several files say."""
    return Register(
        tuple(d for r in registers for d in r.dossiers),
        tuple(parameters),
        tuple(m for r in registers for m in r.members),
        tuple(f for r in registers for f in r.faults),
        {file: n for r in registers for file, n in r.lines.items()},
    )


def closing(text: str) -> date | None:
    """`31/12/2026`, `2026-12-31`, `20261231`, `202612`; None for what names no year, or no day."""
    for form in _DATES:
        if told := form.fullmatch(text):
            year, month = int(told["y"]), int(told["m"])
            if "d" not in told.groupdict():
                return _month_end(year, month) if 1 <= month <= 12 else None
            return untrusted_numbers.day(f"{year:04}-{month:02}-{int(told['d']):02}")
    return None


def _month_end(year: int, month: int) -> date | None:
    return untrusted_numbers.day(f"{year:04}-{month:02}-{calendar.monthrange(year, month)[1]:02}") if year else None


def _text(root: Element, path: str) -> str:
    where, _, attribute = path.partition("/@")
    found = root if where == "." else root.find(where)
    text = (found.get(attribute) if attribute else found.text) if found is not None else None
    return " ".join((text or "").split())[:1000]


def _lines(data: bytes, columns: Sequence[str], file: str) -> list[tuple[str, dict[str, str]]]:
    try:
        rows = delimited_text.rows(data)
    except ValueError as e:
        raise Misread(f"{file}: {e}") from None
    if rows and _is_head(rows[0].cells, columns):
        _check_head(rows[0].cells, columns, file)
        rows = rows[1:]
    return [
        (f"{file}:{row.line}", {f: cell for f, cell in zip(columns, row.cells, strict=False) if f}) for row in rows
    ]  # fmt: skip


def _is_head(cells: Sequence[str], columns: Sequence[str]) -> bool:
    """Whether the first line names columns: what stands in the first that is read is what one calls a column."""
    n = next((n for n, field in enumerate(columns) if field), 0)
    every = {word for words in _CALLED.values() for word in words} | {*CLIENT_FIELDS, *PERSON_FIELDS}
    return n < len(cells) and fold(cells[n]) in every


def _check_head(cells: Sequence[str], columns: Sequence[str], file: str) -> None:
    for n, (field, cell) in enumerate(zip(columns, cells, strict=False), 1):
        meant = [f for f, words in _CALLED.items() if fold(cell) in words]
        if field and meant and field not in meant:
            raise Misread(f"{file}: column {n} is called '{cell}', and [intake.columns] reads it as {field}")
