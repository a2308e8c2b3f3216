"""Adapters of the portal: `http` (the real one; `library` names the HTTP library) and `memory` (the reference)."""
