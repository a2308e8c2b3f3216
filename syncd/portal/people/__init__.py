"""Accounts: what each may see, how they sign in."""
