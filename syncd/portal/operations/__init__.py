"""What the portal does by the clock, and what its operator does on its machine."""
