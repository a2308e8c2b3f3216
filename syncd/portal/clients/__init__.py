"""A cabinet's clients: their profile, their tree of folders, how they come and rest."""
