"""One use case, one transaction. Nothing here knows HTTP."""
