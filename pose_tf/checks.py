"""Refuses values that a field of a config cannot have, by its name.

Every function raises `ValueError` with the field's name, what it must be and
what was received.
"""

import dataclasses
import math


def positive(config, *names):
    """Checks that fields are above 0."""
    for name in names:
        value = getattr(config, name)
        if not value > 0:
            raise ValueError(f"`{name}` must be positive. Received: {value!r}")


def not_negative(config, *names):
    """Checks that fields are at least 0."""
    for name in names:
        value = getattr(config, name)
        if not value >= 0:
            raise ValueError(
                f"`{name}` must not be negative. Received: {value!r}"
            )


def at_least(config, name, least):
    """Checks that a field is at least a number."""
    value = getattr(config, name)
    if not value >= least:
        raise ValueError(
            f"`{name}` must be at least {least}. Received: {value!r}"
        )


def below_one(config, *names):
    """Checks that fields are at least 0 and below 1."""
    for name in names:
        value = getattr(config, name)
        if not 0 <= value < 1:
            raise ValueError(
                f"`{name}` must be at least 0 and below 1. Received: {value!r}"
            )


def numbers(config):
    """Checks that whole numbers are whole, and that all numbers are finite."""
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if field.type is int and type(value) is not int:
            raise ValueError(
                f"`{field.name}` must be a whole number. Received: {value!r}"
            )
        if field.type is float and not _is_finite(value):
            raise ValueError(
                f"`{field.name}` must be a finite number. Received: {value!r}"
            )


def _is_finite(value):
    is_number = isinstance(value, float) or type(value) is int
    return is_number and math.isfinite(value)


def one_of(config, name, known):
    """Checks that a field has one of the known values."""
    value = getattr(config, name)
    if value not in known:
        raise ValueError(
            f"`{name}` must be one of {', '.join(known)}. Received: {value!r}"
        )


def chunks(config, num_frames):
    """Checks that the windows of a generator of chunks hold whole ones."""
    if (
        config.rollout % num_frames
        or config.prefix < num_frames
        or config.windows != "consecutive"
    ):
        raise ValueError(
            f"`model` 'chunks' needs chunks of {num_frames} consecutive "
            "frames, whole ones in `rollout`, and one in `prefix`. "
            f"Received: rollout={config.rollout}, prefix={config.prefix}, "
            f"windows={config.windows!r}"
        )
    if config.long_rollout % num_frames or (
        0 < config.long_rollout < 2 * config.rollout
    ):
        raise ValueError(
            "`long_rollout` must be 0, or at least twice `rollout` and a "
            f"multiple of {num_frames} frames. Received: "
            f"{config.long_rollout}, with rollout={config.rollout}"
        )


def classifier(config):
    """Refuses what only another model of a classifier's config can do."""
    positive(config, "num_networks")
    not_negative(config, "num_features", "repeat")
    if config.repeat > 1:
        raise ValueError(
            f"`repeat` must be at most 1. Received: {config.repeat!r}"
        )
    if config.num_features:  # Random convolutions need as many of both.
        at_least(config, "num_features", 84)
        at_least(config, "window", 9)
    if config.model != "clip":
        _only(config, "'clip'", num_networks=1, num_features=0)
    if config.model != "frames":
        only = "'frames' (`--preset=frames`)"
        _only(config, only, inputs="raw", vae="", use_occluded=False)


def _only(config, model, **values):
    """Checks that fields have the values that they have for other models."""
    for name, value in values.items():
        if getattr(config, name) != value:
            raise ValueError(
                f"`{name}` must be {value!r} unless the model is {model}. "
                f"Received: {getattr(config, name)!r}"
            )
