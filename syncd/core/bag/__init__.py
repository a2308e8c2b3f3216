"""A bag: a client's documents as anybody can read and check them without this program (BagIt 1.0, RFC 8493)."""
