"""Where the state lies in its directory."""

FILE = "state.db"
