"""Pictures are written aside: a full disk or a kill leaves the older one."""

import errno
import pathlib

import matplotlib.figure
import numpy as np
import pytest
from PIL import Image

from pose_tf.plots import animations, charts, stick_figures
from pose_tf.pose import skeletons
from studies.page import curves

PENN = skeletons.PENN_ACTION
POSES = np.random.default_rng(0).uniform(size=(3, PENN.num_joints, 2))
DRAWINGS = {
    "strip.png": lambda path: animations.strip([POSES], PENN, path),
    "moving.gif": lambda path: animations.animate([POSES], PENN, path),
    "sprite.png": lambda path: stick_figures.sprite(POSES, PENN, path),
    "matrix.png": lambda path: charts.confusion_matrix(
        np.eye(2), ["a", "b"], path
    ),
    "curves.png": lambda path: curves.save(curves.new_figure(2), path),
}


def half(self, target, **kwargs):
    pathlib.Path(target).write_bytes(b"half")
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_full_disk_leaves_the_older_picture(name, tmp_path, monkeypatch):
    path = tmp_path / "new" / name
    DRAWINGS[name](path)
    before = path.read_bytes()
    monkeypatch.setattr(Image.Image, "save", half)
    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", half)
    with pytest.raises(OSError, match=f"No space.*{path}"):
        DRAWINGS[name](path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [name]
