"""Exchange packages: made of a client's documents, and brought into them, where no network joins the two sides."""
