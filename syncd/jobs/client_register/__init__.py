"""Clients and their cards as the accounting software's extraction leaves them, at night."""
