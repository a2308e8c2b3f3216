"""The cabinet's file server: scan, place, set aside, markers. Touches and decides nothing."""
