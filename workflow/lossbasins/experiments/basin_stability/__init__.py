"""E10: whether solutions come back when they are kicked."""
