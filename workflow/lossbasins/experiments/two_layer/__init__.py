"""E4: the theorem on two-layer networks."""
