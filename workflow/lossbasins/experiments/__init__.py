"""One folder for each experiment, found by its name."""
