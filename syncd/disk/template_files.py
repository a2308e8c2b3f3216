"""The shipped tree templates, and those in files."""

from __future__ import annotations

from pathlib import Path

from syncd.core.errors import UsageError
from syncd.core.templates import Template, parse


def directory() -> Path:
    """Installed: inside the package; in a checkout: beside it."""
    packaged = Path(__file__).parent.parent / "_templates"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent.parent / "tree_templates"


def shipped() -> list[str]:
    return sorted(p.stem for p in directory().glob("*.toml"))


def load(name: str) -> Template:
    """A shipped template by name, or one in a file. Raises TemplateError with every mistake."""
    path = Path(name) if name.endswith(".toml") or "/" in name else directory() / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(
            f"there is no template '{name}'.", mend=f"Shipped: {', '.join(shipped())}; or name a .toml file."
        ) from None
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"template '{path}' cannot be read: {e}.") from None
    return parse(text, str(path))
