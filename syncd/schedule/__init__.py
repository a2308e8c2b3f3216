"""What runs on a calendar: passes at set times, some with a time limit."""
