"""What the seed confounded, and the conditions that take it apart."""

from studies.page.records import by_seed, select

ARMS = ("raw", "embedding")
LINEAR = "whitened"  # The control of the conditions that are put right.
LONGER = 4
# As the seed did; each change alone, all of them, and all of them with
# training that is longer by `LONGER`.
SEED: dict = {
    "protocol": "leaky_frames",
    "shifts": {"raw": True, "embedding": False},
    "scaler": "all",
    "is_vae": False,
    "times": 1,
}
CORRECTIONS: dict[str, dict] = {
    "official split": {"protocol": "official"},
    "same augmentation": {"shifts": {"raw": True, "embedding": True}},
    "scaler of training frames": {"scaler": "train"},
    "VAE, not autoencoder": {"is_vae": True},
}
CORRECTED: dict = {
    **SEED,
    **{k: v for change in CORRECTIONS.values() for k, v in change.items()},
    "shifts": {"raw": True, "embedding": True, LINEAR: True},
}
ALL, ALL_LONGER = "all four", f"all four, {LONGER} times the epochs"
CONDITIONS: dict[str, dict] = {
    "as the seed did": SEED,
    **{name: {**SEED, **change} for name, change in CORRECTIONS.items()},
    ALL: CORRECTED,
    ALL_LONGER: {**CORRECTED, "times": LONGER},
}
BASELINES = {
    "nearest neighbour": ("raw",),  # On which arms.
    "logistic regression": ARMS,
}


def top1(records, condition, arm) -> dict[int, float]:
    """Top-1 of an arm's LSTMs in one of `CONDITIONS`, by seed."""
    asked = {
        "protocol": condition["protocol"],
        "shift": condition["shifts"][arm],
        "scaler": condition["scaler"],
        "model": "LSTMs",
        "arm": arm,
    }
    if arm == "embedding":
        asked["is_vae"] = condition["is_vae"]
    num_epochs = base_epochs(records) * condition["times"]
    found = [
        record
        for record in select(records, "reproduction", **asked)
        if record["options"]["config"]["num_epochs"] == num_epochs
    ]
    return by_seed(found, "top1")


def base_epochs(records) -> int:
    """Epochs of the conditions that do not train longer; 0 if none has run."""
    return min(
        (
            record["options"]["config"]["num_epochs"]
            for record in select(records, "reproduction", model="LSTMs")
        ),
        default=0,
    )
