"""The whole pipeline, from a dataset to pushed models."""
