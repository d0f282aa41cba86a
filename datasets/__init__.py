"""TFDS builders, a folder each."""
