"""Turns datasets into batches, by TFX-style components, one per file."""
