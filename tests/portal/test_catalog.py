"""Every phrase has its English, with the same values in it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType


def _catalog() -> ModuleType:
    path = Path(__file__).parents[2] / "scripts" / "catalog.py"
    spec = importlib.util.spec_from_file_location("catalog", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same_in_both() -> set[str]:
    """Words that are the same in both languages: Client, Contact, version…"""
    same = set()
    for m in _catalog().merged():
        if m.id and m.id == m.string:
            for phrase in [m.id] if isinstance(m.id, str) else m.id:
                same |= {part.strip() for part in re.split(r"%\(\w+\)s|\{\w+\}", phrase) if part.strip()}
    return same


def test_every_phrase_has_its_english_with_the_same_values_in_it() -> None:
    catalog = _catalog()
    merged = catalog.merged()
    assert len(merged) > 600 and list(catalog.faults(merged)) == []
    merged.add("{a} sans anglais", "")
    merged.add("« {a} »", "“{b}”")
    assert len(list(catalog.faults(merged))) == 2
