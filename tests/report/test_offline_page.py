"""The page of packages as one file: what it says, and what its policy allows."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape

from syncd.core.packages.manifest import Folder
from syncd.report.offline_page.facts import PageFacts
from syncd.report.offline_page.page import HERE, SCRIPTS, offline_page

FACTS = PageFacts(
    "a" * 32, "b" * 32, "007868", "</script><script>alert(1)</script>", "Cabinet", "#14507a", "R" * 56, "age1q", tree=(Folder("Achats"),)
)  # fmt: skip


def test_every_sentence_is_said_in_two_languages_and_each_is_used() -> None:
    words = (HERE / "scripts" / "words.js").read_text(encoding="utf-8")
    table = words[words.index("const WORDS") : words.index("const REASONS")]
    known = re.findall(r'(?:^|[{,] )\s*(\w+): \["((?:[^"\\]|\\.)+)", "((?:[^"\\]|\\.)+)"\]', table, flags=re.MULTILINE)
    rest = "".join((HERE / "scripts" / f"{part}.js").read_text(encoding="utf-8") for part in SCRIPTS if part != "words")
    said = set(re.findall(r'"(\w+)"', rest))
    made = {"journal_made", "journal_received", "journal_refused", "journal_lost"} | {
        c for c, _, _ in known if c.startswith("why_")
    }
    codes = [code for code, _, _ in known]
    assert len(codes) == len(set(codes)) == len(re.findall(r"\w+: \[", table)) > 100
    assert set(codes) - said - made == set()
    used = set(re.findall(r'\b(?:say|new Refused)\("(\w+)"', rest))
    assert used - set(codes) == set()
    for _, french, english in known:
        assert set(re.findall(r"\{\w+\}", french)) == set(re.findall(r"\{\w+\}", english)), french


def test_its_policy_allows_its_own_scripts_and_style_and_no_request() -> None:
    page = offline_page(FACTS).decode()
    policy = unescape(re.findall(r'Content-Security-Policy" content="([^"]+)"', page)[0])
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["connect-src"] == rules["form-action"] == rules["base-uri"] == "'none'"
    scripts = re.findall(r"<script(?: type=\"module\")?>(.*?)</script>", page, flags=re.DOTALL)
    assert len(scripts) == 2 and "alert(1)" not in "".join(scripts)
    digests = {f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts}
    assert digests == set(rules["script-src"].split())
    assert not re.search(r"(?:src|href)=\"(?!data:,)", page)


def test_each_module_has_what_others_take_of_it_and_comes_before_them() -> None:
    seen = dict[str, set[str]]()
    for part in SCRIPTS:
        script = (HERE / "scripts" / f"{part}.js").read_text(encoding="utf-8")
        for names, other in re.findall(r'^import \{ ([^}]+) \} from "\./(\w+)\.js";$', script, flags=re.MULTILINE):
            assert other in seen and set(names.split(", ")) <= seen[other], f"{part} takes {names} of {other}"
        assert script.count("\nimport ") + script.startswith("import ") == len(
            re.findall(r"^import \{", script, flags=re.MULTILINE)
        )
        seen[part] = set(
            re.findall(r"^export (?:async )?(?:function\*?|const|class) (\w+)", script, flags=re.MULTILINE)
        )
    assert {p.stem for p in (HERE / "scripts").glob("*.js")} == set(SCRIPTS)
