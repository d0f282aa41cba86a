"""Reads and writes clips in files, one format per module."""
