"""A user's own keypoints: one file a clip, labels by folder or by table."""
