"""E11: bad minima that are made in other ways."""
