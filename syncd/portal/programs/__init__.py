"""Other programs of the cabinet's, each with a key of its own (ADR 29)."""
