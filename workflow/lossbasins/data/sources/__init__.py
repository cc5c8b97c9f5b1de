"""Where raw images come from: one file each, found by its name."""
