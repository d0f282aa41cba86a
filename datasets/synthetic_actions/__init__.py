"""Synthetic actions: a kinematic figure, filmed; no download."""
