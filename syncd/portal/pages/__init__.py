"""Pages people meet: forms in, HTML out; every rule is elsewhere."""
