"""The robot: scans from a share into the mirror."""
