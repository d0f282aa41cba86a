"""Part 4: the embedding itself."""
