"""Builds datasets of a user's own keypoints, one file per clip."""
