"""Minimising L_S + gamma L_A (section 5.1)."""
