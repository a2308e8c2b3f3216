"""Directories and documents of POSIX systems."""
