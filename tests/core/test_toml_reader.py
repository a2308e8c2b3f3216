"""Every mistake is said with the line that it stands on, however the file is written."""

from __future__ import annotations

import pytest

from syncd.config.load import loads
from syncd.core.errors import UsageError
from syncd.core.toml_reader import BadToml, Toml

TEXT = """\
language = "fr"

[mirror]            # where the documents are
root = "/a"
"state" = "/b"

[[job]]
name = "Nuit"
[[ job ]]
name = 'Matin'
when = "daily 06:00"
"""


@pytest.mark.parametrize(
    ("table", "key", "nth", "line"),
    [
        ("", "language", 0, 1),
        ("mirror", "", 0, 3),
        ("mirror", "root", 0, 4),
        ("mirror", "state", 0, 5),
        ("mirror", "logs", 0, 3),
        ("job", "name", 0, 8),
        ("job", "when", 0, 7),
        ("job", "name", 1, 10),
        ("job", "when", 1, 11),
        ("portal", "url", 0, 0),
    ],
)
def test_a_key_has_its_line_and_what_is_missing_its_tables(table: str, key: str, nth: int, line: int) -> None:
    assert Toml(TEXT).line(table, key, nth) == line


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb = ", 2), ("a = 1\na = 2\n", 2), ("[x\n", 1), ("\n\n'", 3)])
def test_what_is_no_toml_is_said_with_its_line(text: str, line: int) -> None:
    with pytest.raises(BadToml) as e:
        Toml(text)
    assert e.value.mistake.line == line
    assert e.value.mistake.sentence("syncd.toml").startswith(f"syncd.toml:{line}: not valid TOML: ")


def test_mistakes_of_a_configuration_are_said_together_each_in_its_place() -> None:
    text = TEXT + 'colour = "red"\n[[recipient]]\ntrouble = 1\n[portal]\nurl = "ftp://x"\n'
    with pytest.raises(UsageError) as e:
        loads(text, "syncd.toml", {"SYNCD_GUARDS_MAX_CHANGES": "many", "SYNCD_SCHEDULE_SETTLE": "soon"})
    said = str(e.value).splitlines()
    places = [line.partition(": ")[0] for line in said]
    assert places == [
        "syncd.toml:7",  # the first job has no `when`
        "syncd.toml:12",  # unknown key
        "syncd.toml:14",  # trouble is no flag
        "syncd.toml:13",  # a recipient without address
        "syncd.toml:16",  # no address of a portal
        "SYNCD_SCHEDULE_SETTLE",
        "SYNCD_GUARDS_MAX_CHANGES",
        "syncd.toml:3",  # logs
        "syncd.toml:15",  # token_file
    ]
