"""Builds Penn Action: annotated poses of 15 actions in video clips."""

# Environment variable with the folder that holds `labels/`: benchmarks, studies
# and tests read it, the package itself does not.
MANUAL_DIR_VARIABLE = "POSE_TF_PENN_ACTION_DIR"
