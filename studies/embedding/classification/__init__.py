"""Part 2: classification by raw poses and by embeddings."""
