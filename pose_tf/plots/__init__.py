"""Draws poses and results: pictures, animations, charts."""
