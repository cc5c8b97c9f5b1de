"""E9: every measure of a basin, on the same solutions."""
