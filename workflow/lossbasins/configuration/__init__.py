"""`config.yaml`: its keys, and what is wrong with them."""
