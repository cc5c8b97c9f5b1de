"""What `gpu.py` proves and measures: a module for each step, and what runs them."""
