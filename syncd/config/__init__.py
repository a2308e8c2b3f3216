"""One TOML file, read strictly: every mistake at once, with its place and its mend (DESIGN 4)."""
