"""« Demandes de pièces »: what a cabinet asks a company for, how it is answered, and who is reminded when."""
