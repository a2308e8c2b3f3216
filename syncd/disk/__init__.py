"""Durable primitives: hashing streams, batch sync, no-replace and exchange renames."""
