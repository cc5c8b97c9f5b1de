"""E7: models that are linear in their parameters."""
