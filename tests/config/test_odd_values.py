"""What people write into configuration and key files by mistake: one sentence each, never a traceback, never a surprise."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from syncd.config import location
from syncd.config.load import load, loads
from syncd.config.model import Config
from syncd.core.errors import UsageError
from syncd.wiring import assembly

BASE = {
    "mirror": {"root": "'/srv/clients'", "state": "'/var/lib/syncd'", "logs": "'/srv/journaux'"},
    "portal": {"url": "'https://documents.example.fr'", "token_file": "'/etc/syncd/token'"},
}
MAIL = "\n[mail]\nsmtp = 'smtp://localhost'\nfrom = 'syncd@example.fr'\nto = ['a@example.fr']\n"


def written(section: str, key: str, value: str, more: str = "") -> str:
    tables = {name: dict(keys) for name, keys in BASE.items()}
    top = f"{key} = {value}\n" if not section else ""
    if section:
        tables.setdefault(section, {})[key] = value
    return top + "".join(f"[{s}]\n" + "".join(f"{k} = {v}\n" for k, v in t.items()) for s, t in tables.items()) + more


def read(text: str, environ: dict[str, str] | None = None) -> Config:
    return loads(text, "syncd.toml", environ or {})


ODD = [
    ("portal", "url", "'https://documents.example.fr:99999'"),
    ("portal", "url", "'https://documents.example.fr:port'"),
    ("portal", "url", "'https://documents.example.fr:0'"),
    ("portal", "url", "'documents.example.fr'"),
    ("portal", "url", "'https://'"),
    ("portal", "url", "'http://documents.example.fr'"),
    ("portal", "url", "'https://user:secret@documents.example.fr'"),
    ("portal", "url", "'https://docu ments.example.fr'"),
    ("portal", "url", "'https://[::1'"),
    ("portal", "url", "8080"),
    ("portal", "token_file", "'token'"),
    ("portal", "token_file", '"/etc/syncd/to\\u0000ken"'),
    ("portal", "ca_file", "true"),
    ("mirror", "root", "'clients'"),
    ("mirror", "root", "'~/clients'"),
    ("mirror", "root", "['/srv/clients']"),
    ("mirror", "state", "'/srv/clients/state'"),
    ("mirror", "logs", "'/srv/clients/../clients/journaux'"),
    ("mirror", "ignore", "['!']"),
    ("mirror", "ignore", "'*.bak'"),
    ("mirror", "ignore", "[1]"),
    ("mirror", "ignore", '["a\\nb"]'),
    ("mirror", "exclude", "'007868'"),
    ("schedule", "interval", "'0s'"),
    ("schedule", "interval", "0"),
    ("schedule", "interval", "-5"),
    ("schedule", "interval", "inf"),
    ("schedule", "interval", "nan"),
    ("schedule", "interval", "'soon'"),
    ("schedule", "interval", "'15 minutes'"),
    ("schedule", "interval", "'²s'"),
    ("schedule", "interval", "'99999999999999999999d'"),
    ("schedule", "interval", "true"),
    ("schedule", "settle", "'-2s'"),
    ("schedule", "settle", "'400d'"),
    ("schedule", "bandwidth", "'08:00'"),
    ("schedule", "bandwidth", "'08:00 fast'"),
    ("schedule", "bandwidth", "'25:00 1M'"),
    ("schedule", "bandwidth", "'08:00 -1M'"),
    ("schedule", "bandwidth", "'٠٨:00 1M'"),
    ("guards", "max_changes", "-1"),
    ("guards", "max_changes", "1.5"),
    ("guards", "max_changes", "100000000000000000000"),
    ("guards", "max_share", "20"),
    ("guards", "max_share", "nan"),
    ("guards", "max_share", "'20 %'"),
    ("guards", "first_publication", "'never'"),
    ("mail", "smtp", "'localhost'"),
    ("mail", "smtp", "'smtp://localhost:99999'"),
    ("mail", "smtp", "'smtp://localhost:port'"),
    ("mail", "smtp", "'http://localhost'"),
    ("mail", "smtp", "'smtp://u:p@mail.example.fr'"),
    ("mail", "from", "'Cabinet Martin'"),
    ("mail", "from", "'jérôme@example.fr'"),
    ("mail", "to", "'a@example.fr'"),
    ("mail", "to", "['a@example.fr, b@example.fr']"),
    ("mail", "to", "['a@example.fr', 'personne']"),
    ("mail", "to", "['jérôme@example.fr']"),
    ("mail", "to", '["a@example.fr\\nBcc: b@example.fr"]'),
    ("mail", "to", "['a@@example.fr']"),
    ("mail", "to", "['a b@example.fr']"),
    ("mail", "to", "['.a@example.fr']"),
    ("mail", "to", "['']"),
    ("mail", "send_at", "['24:00']"),
    ("mail", "send_at", "['18h']"),
    ("mail", "send_at", "'18:00'"),
    ("mail", "language", "'de'"),
    ("mail", "send", "'never'"),
    ("monitor", "ping", "'hc-ping.com/x'"),
    ("monitor", "ping", "'http://hc-ping.com/x'"),
    ("", "language", "'français'"),
    ("", "timezone", "'Europe/Nantes'"),
    ("", "timezone", "'Europe'"),
    ("", "timezone", "'../../etc/passwd'"),
    ("", "timezone", "'/usr/share/zoneinfo/Europe/Paris'"),
    ("", "timezone", "1"),
]


@pytest.mark.parametrize(("section", "key", "value"), ODD)
def test_an_odd_value_is_one_sentence_that_names_its_place(section: str, key: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(written(section, key, value))
    lines = [line for line in str(caught.value).splitlines() if not line.startswith("syncd.toml: [")]
    assert len(lines) == 1 and key in lines[0] and lines[0].startswith("syncd.toml:"), lines
    assert len(lines[0]) < 300


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[[job]]\nname = 'Nuit'\nwhen = 'daily 25:00'", "when"),
        ("[[job]]\nname = 'Nuit'\nwhen = '0 0 30 2 *'", "when"),
        ("[[job]]\nname = 'Nuit'\nwhen = 'monthly ²  06:00'", "when"),
        ("[[job]]\nname = 'Nuit'\nwhen = 'daily 22:00'\nmax_duration = '0s'", "max_duration"),
        ("[[job]]\nname = 'Nuit'\nwhen = 'daily 22:00'\nstart = 'demain'", "start"),
        ("[[job]]\nwhen = 'daily 22:00'", "name"),
        ("[[job]]\nname = 'GEF'\nwhen = 'daily 22:00'\nmap = '/srv/carte.csv'", "needs 'migrate'"),
        ("[[job]]\nname = 'GEF'\nwhen = 'daily 22:00'\nmigrate = '/srv/gef'\nclients = ['001']", "'clients'"),
        ("[[job]]\nname = 'GEF'\nwhen = 'daily 22:00'\nmigrate = '/'", "keep them apart"),
        ("[[job]]\nname = 'GEF'\nwhen = 'daily 22:00'\nmigrate = 'gef'", "migrate"),
        ("[job]\nname = 'Nuit'", "[[job]]"),
        ("[[recipient]]\naddress = 'Claire'", "address"),
        ("[[recipient]]\naddress = 'jérôme@example.fr'", "accents"),
        ("[[recipient]]\naddress = 'a@example.fr'\nclients = '007868'", "clients"),
        ("[[jobb]]\nname = 'Nuit'", "Did you mean 'job'?"),
        ("[[recipients]]\naddress = 'a@example.fr'", "Did you mean 'recipient'?"),
        ("[[old_tree]]\nname = 'GEF'", "path is missing"),
        ("[[old_tree]]\npath = '/srv/gef'", "name is missing"),
        ("[[old_tree]]\nname = 'GEF'\npath = 'gef'", "path"),
        ("[[old_tree]]\nname = 'GEF'\npath = '/'", "keep them apart"),
        ("[[old_tree]]\nname = 'GEF'\npath = '/srv/a'\n[[old_tree]]\nname = 'GEF'\npath = '/srv/b'", "two old trees"),
        ("[[zzz]]\na = 1", "job, recipient, old_tree"),
        ("[portall]\nurl = 'x'", "Did you mean 'portal'?"),
    ],
)
def test_an_odd_table_is_one_sentence(table: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(written("guards", "max_changes", "20", MAIL + table + "\n"))
    assert len(str(caught.value).splitlines()) == 1 and said in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SYNCD_GUARDS_MAX_CHANGES", "many"), ("SYNCD_GUARDS_MAX_CHANGES", "9" * 5000), ("SYNCD_GUARDS_MAX_SHARE", "inf"), ("SYNCD_SCHEDULE_INTERVAL", "0"),
        ("SYNCD_PORTAL_URL", "https://a.fr:port"), ("SYNCD_MAIL_TO", "a@example.fr, personne"), ("SYNCD_MIRROR_IGNORE", "!"), ("SYNCD_MIRROR_ROOT", "clients"),
        ("SYNCD_MIRROR_ROOT", "/srv/\udce9t\udce9"),
    ],
)  # fmt: skip
def test_an_odd_variable_is_one_sentence(variable: str, value: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(written("guards", "max_share", "0.2"), {variable: value})
    assert str(caught.value).startswith(variable)


def test_what_is_only_unusual_is_taken() -> None:
    text = written("schedule", "bandwidth", "'08:00 300K, 12:00 1.5m, 19:00 off'", MAIL)
    config = read(text + "[[recipient]]\naddress = 'Claire <claire@société.fr>'\n")
    assert [s.rate for s in config.schedule.bandwidth.steps] == [300e3, 1.5e6, None]
    assert config.recipients[0].address == "Claire <claire@xn--socit-esab.fr>"
    assert read(written("schedule", "interval", "'0,5s'")).schedule.interval == 0.5
    assert read(written("schedule", "settle", "0")).schedule.settle == 0
    assert (
        read(written("portal", "url", "' HTTPS://Documents.Example.fr/ '")).portal.url == "https://documents.example.fr"
    )


def test_a_password_over_plain_smtp_is_refused_however_it_is_written() -> None:
    for scheme in ("smtp", "SMTP", "Smtp"):
        with pytest.raises(UsageError, match="password"):
            read(written("mail", "smtp", f"'{scheme}://mail.example.fr'", "from = 'a@b.fr'\nto = ['a@b.fr']\npassword_file = '/etc/p'\n"))  # fmt: skip


ENCODINGS = {"plain": b"", "bom": codecs.BOM_UTF8, "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


@pytest.mark.parametrize("encoding", list(ENCODINGS))
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_files_with_marks_and_other_line_ends_are_read(encoding: str, end: str, tmp_path: Path) -> None:
    def save(name: str, text: str) -> Path:
        path = tmp_path / name
        kind = encoding if encoding.startswith("utf-16") else "utf-8"
        path.write_bytes(ENCODINGS[encoding] + text.replace("\n", end).encode(kind))
        return path

    key = save("clé", "a1b2c3\n")
    text = written("portal", "token_file", f"'{key}'").replace("/srv/clients", "/srv/dossiers à clé")
    path = save("syncd.toml", text)
    config = load(path, {})
    assert config.mirror.root == "/srv/dossiers à clé" and assembly.token(config) == "a1b2c3"
    assert location.mirror_in(path, {}) == ("/srv/dossiers à clé", "/var/lib/syncd")


@pytest.mark.parametrize(
    "data", [b"cl\xe9", "clé à coller".encode(), "clé".encode("utf-16")[:-1], b"\0\1\2", b"", b"  \n", b"two keys\n", "\ufeff".encode()]
)  # fmt: skip
def test_an_odd_key_file_is_one_sentence(data: bytes, tmp_path: Path) -> None:
    key = tmp_path / "token"
    key.write_bytes(data)
    config = read(written("portal", "token_file", f"'{key}'"))
    with pytest.raises(UsageError) as caught:
        assembly.token(config)
    assert str(key) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"\xe9", b"a = ", b"\0", b"[[[[[" * 2000, b"a = " + b"[" * 5000, b"%PDF-1.7\xff\xfe"])
def test_an_odd_configuration_file_is_one_sentence(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "syncd.toml"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        load(path, {})
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)
    assert location.mirror_in(path, {}) is None


def test_a_directory_as_configuration_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path, {})


def test_the_configuration_is_found_where_init_and_the_handbook_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    etc, other = tmp_path / "etc" / "syncd.toml", tmp_path / "xdg" / "syncd" / "syncd.toml"
    monkeypatch.setattr(location, "ETC", etc)
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "xdg"))
    assert location.default_path({}) == etc  # where there is none, this is the place to name
    other.parent.mkdir(parents=True)
    other.touch()
    assert location.default_path({}) == other
    etc.parent.mkdir()
    etc.touch()
    assert location.default_path({}) == etc
    assert location.default_path({"SYNCD_CONFIG": "/x.toml"}) == Path("/x.toml")


def test_what_init_writes_of_mail_is_read_again_and_what_it_only_shows_can_be_taken() -> None:
    from syncd.config.write import text

    where = (Path("/srv/c"), Path("/var/lib/syncd"), Path("/srv/l"), "https://documents.example.fr", Path("/etc/syncd/token"), "ask")  # fmt: skip
    mail = {
        "smtp": "smtps://smtp.example.fr:465",
        "user": None,
        "from": "Élodie <e@example.fr>",
        "to": ["a@example.fr"],
    }
    read = loads(text(*where, None, mail), "given", {}).mail
    assert (read.smtp, read.sender, read.to) == (
        "smtps://smtp.example.fr:465",
        "Élodie <e@example.fr>",
        ("a@example.fr",),
    )
    nobody = text(*where)
    assert not loads(nobody, "nobody", {}).mail.smtp
    shown = nobody[nobody.index("# [mail]") :].replace("\n# ", "\n").removeprefix("# ")
    assert loads(nobody[: nobody.index("# [mail]")] + shown, "shown", {}).mail.to == ("direction@cabinet-martin.fr",)
