"""The data plane: streaming, JSON and framed batches, for engines (docs/wire.md)."""
