"""Who is told of what arrived, and the way the mail goes out."""
