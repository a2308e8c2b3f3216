"""Invoices fetched from the approved platform of each client: asked for by us alone, deposited as anything is."""
