"""The TFX-style data pipeline, one component a file."""
