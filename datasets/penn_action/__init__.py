"""Builds Penn Action: annotated poses of 15 actions in video clips."""
