"""Loss-landscape basins and generalisation, after Wu, Zhu and E (arXiv 1706.10239)."""

__version__ = "0.1.0"
