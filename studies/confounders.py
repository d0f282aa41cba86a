"""What the seed confounded, and the conditions that take it apart."""

ARMS = ("raw", "embedding")
# As the seed did; each change alone, and all of them.
SEED: dict = {
    "protocol": "leaky_frames",
    "shifts": {"raw": True, "embedding": False},
    "scaler": "all",
    "is_vae": False,
}
CORRECTIONS: dict[str, dict] = {
    "official split": {"protocol": "official"},
    "same augmentation": {"shifts": {"raw": True, "embedding": True}},
    "scaler of training frames": {"scaler": "train"},
    "VAE, not autoencoder": {"is_vae": True},
}
CONDITIONS: dict[str, dict] = {
    "as the seed did": SEED,
    **{name: {**SEED, **change} for name, change in CORRECTIONS.items()},
    "all four": {
        key: value
        for change in [SEED, *CORRECTIONS.values()]
        for key, value in change.items()
    },
}
BASELINES = {
    "nearest neighbour": ("raw",),  # On which arms.
    "logistic regression": ARMS,
}
