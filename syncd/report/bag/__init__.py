"""What a bag holds besides the documents: pages, lists and proofs, for whoever opens it without this program."""
