"""E1: fits of a few points of a cubic."""
