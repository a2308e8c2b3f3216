"""The door of other programs (ADR 29): one table of endpoints, from which each request is checked and the OpenAPI made."""
