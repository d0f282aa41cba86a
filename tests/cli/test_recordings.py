"""`pose-tf show` and `pose-tf convert`: recordings as they are read."""

import numpy as np
import pytest
from PIL import Image

import pose_tf
from pose_tf.cli import main, recordings
from pose_tf.pose import clip, skeletons

COCO = skeletons.COCO_17


def figure():
    """A pose `[17, 2]` whose head is above its hips."""
    pose = np.random.default_rng(0).uniform(0, 100, (17, 2))
    pose[:5, 1], pose[11:13, 1] = 0, 100
    return pose


@pytest.fixture
def recording(tmp_path):
    """Ten frames, in which some joints are missing."""
    poses = np.tile(figure(), (10, 1, 1))
    poses[3], poses[5, 9] = np.nan, np.nan
    path = tmp_path / "yard.npz"
    np.savez(path, poses=poses, fps=25, frame_size=[640, 480])
    return path


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_converted_files_hold_the_same_clip(
    recording, tmp_path, suffix, capsys
):
    output = tmp_path / f"x{suffix}"
    main.main(["convert", str(recording), f"--output={output}"])
    row, path = capsys.readouterr().out.splitlines()
    assert row == (
        "person   0  frames 0 to 9, seen in 9, with 16.9 of 17 joints (coco_17)"
    )
    assert path == str(output)
    (before,), (after,) = pose_tf.read(recording), pose_tf.read(output)
    np.testing.assert_array_equal(before.poses, after.poses)
    np.testing.assert_array_equal(before.visibility, after.visibility)
    assert after.skeleton == COCO
    assert (after.fps, after.frame_size) == (25, (640, 480))


def test_converts_to_another_skeleton(recording, tmp_path):
    output = tmp_path / "x.npz"
    main.main(
        ["convert", str(recording), f"--output={output}"]
        + ["--skeleton=penn_action"]
    )
    (found,) = pose_tf.read(output)
    assert found.skeleton == skeletons.PENN_ACTION
    hip = skeletons.PENN_ACTION.joints.index("left_hip")
    np.testing.assert_allclose(found.poses[0, hip], figure()[11], rtol=1e-6)


def test_each_person_has_a_file(recording, tmp_path, monkeypatch, capsys):
    (one,) = pose_tf.read(recording)
    other = clip.Clip(
        poses=one.poses + 500,
        visibility=one.visibility,
        skeleton=COCO,
        person=4,
        start=6,
    )
    monkeypatch.setattr(
        recordings.clips, "read_people", lambda *args: [one, other]
    )
    main.main(["convert", "x.json", f"--output={tmp_path}/a.npz"])
    assert "person   4  frames 6 to 15, " in capsys.readouterr().out
    names = sorted(path.name for path in tmp_path.glob("a*"))
    assert names == ["a_person0.npz", "a_person4.npz"]
    (found,) = pose_tf.read(tmp_path / names[1])
    np.testing.assert_array_equal(found.poses, other.poses)


@pytest.mark.parametrize("suffix", [".png", ".gif"])
def test_shows_a_recording(recording, tmp_path, suffix, capsys):
    output = tmp_path / f"x{suffix}"
    main.main(["show", str(recording), f"--output={output}"])
    row, path = capsys.readouterr().out.splitlines()
    assert "seen in 9" in row and path == str(output)
    picture = Image.open(output)
    assert picture.format == suffix[1:].upper()
    assert np.array(picture.convert("RGB")).std() > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "yard.npz", "--output=x.bmp"], "must end in .gif or .png"),
        (["convert", "yard.npz", "--output=x.csv"], "end in .npz or .json"),
        (
            ["convert", "yard.npz", "--output=x.npz", "--skeleton=octopus"],
            "`skeleton` must be one of",
        ),
        (["show", "none.npz", "--output=x.gif"], "none.npz"),
    ],
)
def test_mistakes_are_one_line(
    recording, tmp_path, monkeypatch, capsys, arguments, message
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as error:
        main.main(arguments)
    assert error.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line
    assert [path.name for path in tmp_path.iterdir()] == ["yard.npz"]
