"""Clients' documents brought from the portal into bags that anybody can read: a directory or a ZIP each."""
