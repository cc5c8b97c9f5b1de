"""E2: full against mini batches."""
