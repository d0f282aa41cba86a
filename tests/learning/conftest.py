"""A small motion model, and clips to learn from."""

import pytest

from tests.support import fake_motion_model


@pytest.fixture(scope="session")
def motion_model(tmp_path_factory):
    """Path of a SavedModel that embeds motions."""
    path = tmp_path_factory.mktemp("motion") / "model"
    return fake_motion_model.write(path)


@pytest.fixture(scope="session")
def clips():
    """Two clips of each kind, and their actions."""
    kinds = [kind for kind in fake_motion_model.KINDS for _ in range(2)]
    made = [
        fake_motion_model.clip(kind, seed) for seed, kind in enumerate(kinds)
    ]
    return made, kinds


@pytest.fixture(scope="session")
def unlabelled():
    """Eight clips of each kind, of several lengths."""
    return [
        fake_motion_model.clip(kind, seed=50 + n, num_frames=40 + n)
        for kind in fake_motion_model.KINDS
        for n in range(8)
    ]


@pytest.fixture(scope="session")
def test_clips():
    """Five other clips of each kind, and their actions."""
    kinds = [kind for kind in fake_motion_model.KINDS for _ in range(5)]
    made = [
        fake_motion_model.clip(kind, seed=200 + n)
        for n, kind in enumerate(kinds)
    ]
    return made, kinds
