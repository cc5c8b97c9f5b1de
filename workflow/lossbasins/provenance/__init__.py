"""Which code, data, settings and versions made a result."""
