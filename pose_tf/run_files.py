"""Names of what a training leaves in its folder, for all who read it."""

CONFIG = "config.json"
DATA = "data.json"  # A digest of the clips.
INITIAL = "initial_weights.json"  # What `init_from` gave, and its digest.
MODEL = "model.keras"
METRICS = "metrics.json"
SAVED_MODEL = "saved_model"  # A folder.
