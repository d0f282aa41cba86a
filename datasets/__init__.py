"""Builds datasets with TFDS, one folder per builder."""
