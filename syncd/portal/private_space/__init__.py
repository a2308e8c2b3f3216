"""A company's private space: its own people, each with a key, and nobody of the cabinet. Nothing here goes to the feed, the audit, the search or a mail (ADR 25)."""
