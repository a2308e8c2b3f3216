"""The page with which a company without a network makes and reads exchange packages, in a browser, from its own disk."""
