"""syncd keeps a cabinet's client folders and its online portal the same (see docs/design.md)."""

__version__ = "0.1.0"
