"""What is said between clients and their cabinet: threads, who is told, who saw what."""
