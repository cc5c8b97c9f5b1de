"""E6: basin volumes against test accuracy."""
