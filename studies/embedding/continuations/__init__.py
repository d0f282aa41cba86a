"""Part 9: continuations that move, over raw poses and over embeddings."""
