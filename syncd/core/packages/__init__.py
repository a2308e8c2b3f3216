"""Exchange packages: what a side changed since the other one acknowledged it, signed, carried by hand."""
