"""Plans carried out: here, online, and documents both ways."""
