"""What the paper proves, computed on networks small enough to check it."""
