"""Landscapes of several studies side by side, as the paper's Fig. 3 has them."""
