"""Sampling around a solution: chains, their diagnostics, and what is integrated over them."""
