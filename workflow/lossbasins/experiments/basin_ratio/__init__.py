"""E8: relative volumes of bad basins, and random starts."""
