"""Documents: deposited, stored, moved, deleted and restored, listed, proved."""
