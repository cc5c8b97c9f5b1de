"""Architectures, one file each and found by its name, and their initialisation."""
