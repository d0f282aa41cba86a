"""Files of poses to clips, one format per module."""
