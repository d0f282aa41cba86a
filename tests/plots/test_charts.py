"""Charts: written, and right where a pixel can say so."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from pose_tf.plots import charts


def test_a_confusion_matrix_is_written(tmp_path):
    counts = [[8, 2], [0, 5]]
    charts.confusion_matrix(counts, ["bowl", "squat"], tmp_path / "matrix.png")
    picture = np.array(Image.open(tmp_path / "matrix.png").convert("RGB"))
    # An opaque white background, and something on it.
    assert (picture[5, 5] == 255).all() and picture.std() > 5


def test_confusion_matrix_shades_a_cell_by_its_share_of_the_row():
    file = io.BytesIO()
    charts.confusion_matrix([[3, 0], [0, 0]], ["bowl", "squat"], file)
    picture = np.array(Image.open(file).convert("RGB")).reshape(-1, 3)
    full = (8, 48, 107)  # The darkest of matplotlib's "Blues".
    assert (picture == full).all(-1).sum() > 0.05 * len(picture)


def test_importing_charts_does_not_import_matplotlib():
    code = "import sys, pose_tf.plots; print('matplotlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_confusion_matrix_of_other_classes_is_refused():
    with pytest.raises(ValueError, match=r"`counts` must be 2 x 2.*\(3, 2\)"):
        charts.confusion_matrix(np.ones((3, 2)), ["a", "b"], io.BytesIO())
