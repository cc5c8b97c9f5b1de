"""From measurements to tables and figures."""
