"""What is brought from a tree of before into clients' folders: which directory is whose, where each document goes, who comes first."""
