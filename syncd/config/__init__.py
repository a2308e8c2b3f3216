"""One TOML file, read strictly: every mistake at once, with its place and its mend (DESIGN 4)."""

from syncd.config.load import default_path, load
from syncd.config.model import Config

__all__ = ["Config", "default_path", "load"]
