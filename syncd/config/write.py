"""The configuration that `init` writes, with a comment where a person may want to change something."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)  # a TOML basic string


def text(
    root: Path, state: Path, logs: Path, portal: str, token_file: Path, first_publication: str, ca_file: Path | None = None,
    mail: Mapping[str, str | list[str] | None] | None = None,
) -> str:  # fmt: skip
    told = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in (mail or {}).items() if value)
    authority = f"ca_file = {_text(ca_file)}          # the authority of the portal's certificate\n" if ca_file else ""
    told = f"[mail]\n{told}" if told else _NOBODY_YET.replace("PASSWORD", _text(token_file.with_name("smtp")))
    return f"""# syncd: what every key means is in configuration.md, with what was delivered (/usr/share/doc/syncd)
[mirror]
root = {_text(root)}
state = {_text(state)}            # a local disk; a network file system is refused
logs = {_text(logs)}
exclude = []                      # codes this cabinet's engine leaves alone
ignore = []                       # gitignore patterns

[portal]
url = {_text(portal)}
token_file = {_text(token_file)}
{authority}
[schedule]
interval = "15m"
settle = "2s"                     # a document is taken when unchanged for this long

[guards]
max_changes = 20
max_share = 0.20
first_publication = {_text(first_publication)}

{told}"""


_NOBODY_YET = """\
# [mail]                          # who is told; then: syncd mail test
# smtp = "smtp+starttls://smtp.exemple.fr:587"
# user = "syncd"
# password_file = PASSWORD
# from = "syncd@cabinet-martin.fr"
# to = ["direction@cabinet-martin.fr"]
"""
