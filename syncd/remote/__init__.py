"""Adapters of the portal: `http` (the real one; only here is httpx imported) and `memory` (the reference)."""
