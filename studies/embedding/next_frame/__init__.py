"""Part 5: the next frame."""
