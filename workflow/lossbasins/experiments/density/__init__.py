"""E5 for networks that are too large for a whole spectrum: largest eigenvalues, and the density of the others."""
