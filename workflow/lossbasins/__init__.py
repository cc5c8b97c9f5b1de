"""Loss-landscape basins and generalisation, after Wu, Zhu and E (arXiv 1706.10239)."""
