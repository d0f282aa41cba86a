"""Runs of every kind of model, made once for the tests of all files."""

import dataclasses
import functools

import pytest

from pose_tf import presets
from tests.support import once, runs


@pytest.fixture(scope="session")
def run_of(tiny_clips, tmp_path_factory):
    """Function from a name in `runs.RUNS` to that `runs.Run`, of `tiny_clips`.

    Tests only read in its folder: those of other files and processes do, too.
    """

    @functools.cache
    def get(name):
        kind, preset, changes = runs.RUNS[name]
        if changes.get("inputs") == "embedding":
            changes = {**changes, "vae": str(get("vae").workdir)}
        config = dataclasses.replace(presets.get(kind, preset), **changes)
        with runs.small_recordings():
            folder = once.made(
                tmp_path_factory,
                f"run_{name}",
                functools.partial(runs.make, kind, config, tiny_clips),
            )
        return runs.read(kind, config, tiny_clips, folder)

    return get
