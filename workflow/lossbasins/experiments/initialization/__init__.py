"""E3: several initialisations."""
