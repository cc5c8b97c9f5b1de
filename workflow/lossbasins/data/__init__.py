"""Raw images, and their split into training, attack and test sets."""
