"""Outcomes → text, CSV, JSON for people. Sends nothing; decides nothing."""
