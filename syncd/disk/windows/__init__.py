"""Directories and documents of Windows (ADR 16)."""
