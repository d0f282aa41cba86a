"""`pose-tf timeline`, over a model whose answers are known."""

import csv
import json

import numpy as np
import pytest
from PIL import Image

from pose_tf.cli import main, models, timeline
from pose_tf.pose import skeletons

PENN = skeletons.PENN_ACTION


class Model:
    """Says `bowl` where people are left of x = 200."""

    actions = ("bowl", "squat")
    skeleton = PENN

    def classify_frames(self, poses, visibility):
        left = np.nan_to_num(poses[..., 0]).mean(-1) < 200
        return np.stack([0.9 * left, 0 * left], -1)


@pytest.fixture
def asked(monkeypatch):
    """What models were asked for; each is `Model`."""
    asked = []

    def load(*arguments):
        asked.append(arguments)
        return Model()

    monkeypatch.setattr(models, "load", load)
    return asked


@pytest.fixture
def recording(tmp_path):
    """Of 25 frames per second: 2 s at the left, and 2 s at the right."""
    body = np.random.default_rng(0).uniform(0, 100, (13, 2))
    body[0], body[7:9] = (50, 0), (50, 100)  # Upright.
    poses = np.tile(body, (100, 1, 1))
    poses[50:, :, 0] += 300
    path = tmp_path / "yard.npz"
    np.savez(path, poses=poses, fps=25)
    return path


def run(recording, *flags):
    return main.main(["timeline", "model", str(recording), *flags])


def test_rows_are_printed(asked, recording, capsys):
    """To a fraction of a second: what models say late is moved."""
    run(recording)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:3] for row in rows[:1]] == [["person", "0", "0:00.0"]]
    change = rows[0][4]
    assert "0:01.7" <= change <= "0:02.0"
    assert rows[0][5:] == ["90%", "bowl"]
    assert rows[1][2:] == [change, "-", "0:04.0", "100%", "none"]
    ((path, endpoint),) = asked
    assert (str(path), endpoint) == ("model", "classify_frames")


@pytest.mark.parametrize("suffix", ["json", "csv", "vtt", "png"])
def test_outputs_are_written(asked, recording, tmp_path, capsys, suffix):
    output = tmp_path / "new" / f"x.{suffix}"
    run(recording, f"--output={output}")
    assert capsys.readouterr().out.splitlines()[-1] == str(output)
    if suffix == "json":
        (person,) = json.loads(output.read_text())["people"]
        actions = [segment["action"] for segment in person["segments"]]
        assert actions == ["bowl", None]
    elif suffix == "csv":
        assert len(list(csv.reader(output.open()))) == 3
    elif suffix == "vtt":
        assert output.read_text().startswith("WEBVTT\n\n00:00:00.000 --> ")
    else:
        assert Image.open(output).size[0] == 1200


def test_rate_is_what_is_said(asked, tmp_path, recording, capsys):
    with np.load(recording) as arrays:
        np.savez(tmp_path / "x.npz", poses=arrays["poses"])
    run(tmp_path / "x.npz", "--fps=50")
    assert capsys.readouterr().out.splitlines()[-1].split()[4] == "0:02.0"
    with pytest.warns(UserWarning, match="Took 30 frames per second"):
        timeline.timeline("model", str(tmp_path / "x.npz"))


def test_costly_changes_leave_one_segment(asked, recording, capsys):
    run(recording, "--change_cost=100")
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--output=x.srt"], "must end in .json or .csv or .vtt or .png"),
        (["--change_cost=-1"], "`change_cost` must not be negative"),
    ],
)
def test_mistakes_are_one_line(asked, recording, capsys, flags, message):
    with pytest.raises(SystemExit) as error:
        run(recording, *flags)
    assert error.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
