"""Run as a module: XML files against the rule sets, each compiled once; prints what each breaks as JSON. In a process of its own, as
Saxon asks for."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from syncd.core.invoices import Form
from syncd.portal.readers import rule_sets


def main() -> None:
    from saxonche import PySaxonProcessor

    chosen, at = rule_sets.sets(Form.CII, "CrossIndustryInvoice", "EN 16931"), rule_sets.directory()
    assert at is not None
    found: dict[str, list[str]] = {}
    saxon = PySaxonProcessor(license=False)
    for file in (chosen.rules, chosen.french):
        sheet = saxon.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(at / file))
        for path in sys.argv[1:]:
            told = sheet.transform_to_string(xdm_node=saxon.parse_xml(xml_text=Path(path).read_text(encoding="utf-8")))
            broken = found.setdefault(Path(path).stem, [])
            broken += [f"{f.rule} {f.text}" for f in rule_sets._findings(told) if not f.warning]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
