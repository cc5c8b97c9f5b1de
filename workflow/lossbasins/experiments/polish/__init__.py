"""Solutions before and after L_S alone is descended."""
