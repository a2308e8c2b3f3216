"""The only package that names concrete adapters."""
