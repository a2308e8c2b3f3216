"""Spans of time in seconds."""

from __future__ import annotations

DAY = 86_400
WEEK = 7 * DAY
YEAR = 365 * DAY
