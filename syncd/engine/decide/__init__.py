"""What is to be done for each client, and what of it waits for a person."""
