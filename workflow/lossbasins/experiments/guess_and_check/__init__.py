"""E12: volume by counting."""
