"""What cabinet and company say and ask each other: threads, requests for documents."""
