"""The confounders of the original experiment, and conditions without them."""

from typing import Any

from studies.page.records import by_seed, select

ARMS = ("raw", "embedding")
LINEAR = "whitened"  # The control of the corrected conditions.
LONGER = 4
# As the original did; each correction on its own, all of them, and all of
# them with `LONGER` times the epochs.
ORIGINAL: dict[str, Any] = {
    "split_protocol": "leaky_frames",
    "shifts": {"raw": True, "embedding": False},
    "scaler": "all",
    "is_vae": False,
    "times": 1,
}
CORRECTIONS: dict[str, dict[str, Any]] = {
    "official split": {"split_protocol": "official"},
    "same augmentation": {"shifts": {"raw": True, "embedding": True}},
    "scaler of training frames": {"scaler": "train"},
    "VAE, not autoencoder": {"is_vae": True},
}
CORRECTED: dict[str, Any] = {
    **ORIGINAL,
    **{k: v for change in CORRECTIONS.values() for k, v in change.items()},
    "shifts": {"raw": True, "embedding": True, LINEAR: True},
}
FIRST = "as the original did"
ALL, ALL_LONGER = "all four", f"all four, {LONGER} times the epochs"
CONDITIONS: dict[str, dict[str, Any]] = {
    FIRST: ORIGINAL,
    **{name: {**ORIGINAL, **change} for name, change in CORRECTIONS.items()},
    ALL: CORRECTED,
    ALL_LONGER: {**CORRECTED, "times": LONGER},
}
BASELINES = {
    "nearest neighbour": ("raw",),  # On which arms.
    "logistic regression": ARMS,
}


def top1(records, condition, arm) -> dict[int, float]:
    """Returns the top-1 of an arm's LSTMs by seed, in one of `CONDITIONS`."""
    options = {
        "split_protocol": condition["split_protocol"],
        "shift": condition["shifts"][arm],
        "scaler": condition["scaler"],
        "model": "LSTMs",
        "arm": arm,
    }
    if arm == "embedding":
        options["is_vae"] = condition["is_vae"]
    num_epochs = base_epochs(records) * condition["times"]
    runs = [
        record
        for record in select(records, "reproduction", **options)
        if record["options"]["config"]["num_epochs"] == num_epochs
    ]
    return by_seed(runs, "top1")


def base_epochs(records) -> int:
    """Returns the epochs of the conditions that do not train longer."""
    return min(
        (
            record["options"]["config"]["num_epochs"]
            for record in select(records, "reproduction", model="LSTMs")
        ),
        default=0,
    )
