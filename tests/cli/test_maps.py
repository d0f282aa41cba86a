"""`pose-tf map`, over an embedding that knows nothing of training."""

import json
import re

import numpy as np
import pytest

from pose_tf.cli import collections, main
from pose_tf.learning import motion_models, motions
from pose_tf.plots import motion_map
from tests.support import fake_motion_model, keypoint_folders


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("motion") / "vae"
    return fake_motion_model.write(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three clips each of two kinds of motion, and one of nobody."""
    root = keypoint_folders.make(tmp_path_factory.mktemp("clips") / "mine")
    for kind in ("raise", "sway"):
        for seed in range(3):
            keypoint_folders.add(
                root,
                f"train/{kind}/{seed}.npz",
                fake_motion_model.clip(kind, seed),
            )
    nobody = np.zeros((20, 13, 2))
    keypoint_folders.add(root, "test/sway/nobody.npz", nobody)
    return root


def run(*arguments):
    return main.main(["map", *map(str, arguments)])


def data_of(path):
    (found,) = re.findall(r'id="data">(.*?)</script>', path.read_text("utf-8"))
    return json.loads(found)


def test_shows_a_folder_and_leaves_out_who_is_not_there(
    model, folder, tmp_path, capsys
):
    output = tmp_path / "map.html"
    run(model, folder, f"--output={output}", "--num_neighbors=2")
    told = capsys.readouterr()
    assert "6 clips of 7" in told.out
    assert "in them: test/sway/nobody" in told.err
    data = data_of(output)
    names = [clip["name"] for clip in data["clips"]]
    assert names == [
        f"train/{k}/{i}" for k in ("raise", "sway") for i in (0, 1, 2)
    ]
    found = collections.find(folder)
    embedded = motions.embed(
        motion_models.open_model(model), found.read(range(1, 7))
    )
    assert embedded.names == tuple(names)
    neighbors, _ = motion_map.nearest(embedded.embeddings, 2)
    for clip, expected in zip(data["clips"], neighbors, strict=True):
        assert [place for place, _ in clip["neighbors"]] == expected.tolist()
    assert re.search(r"same action for \d+\.\d% of them", told.out)


def test_shows_a_part_of_a_dataset(model, tiny_data_dir, tmp_path, capsys):
    output = tmp_path / "map.html"
    run(
        model,
        "penn_action/test",
        f"--output={output}",
        f"--data_dir={tiny_data_dir}",
        "--max_clips=4",
    )
    data = data_of(output)
    assert "4 clips of 6" in capsys.readouterr().out
    assert data["title"] == "Motions of penn_action/test"
    assert set(data["actions"]) <= {"bowl", "squat", "jumping_jacks"}


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--output=map.png"], "`output` must end in .html"),
        (
            ["--output=map.html", "--max_clips=1"],
            "`max_clips` must be at least",
        ),
        (["--output=map.html", "--max_clips=9999"], "at most 2000"),
        (["--output=map.html", "--num_neighbors=0"], "`num_neighbors` must be"),
    ],
)
def test_bad_options_are_named(
    model, folder, arguments, message, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as exit_:
        run(model, folder, *arguments)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_of_another_skeleton_is_refused(model, tmp_path, capsys):
    root = keypoint_folders.make(tmp_path / "coco")
    keypoint_folders.describe(root, "coco_17")
    keypoint_folders.add(root, "train/wave/a.npz", np.ones((9, 17, 2)))
    with pytest.raises(SystemExit):
        run(model, root, f"--output={tmp_path / 'map.html'}")
    assert "skeleton 'coco_17'" in capsys.readouterr().err


def test_a_folder_without_clips_is_named(model, tmp_path, capsys):
    root = keypoint_folders.make(tmp_path / "empty")
    with pytest.raises(SystemExit):
        run(model, root, f"--output={tmp_path / 'map.html'}")
    assert str(root) in capsys.readouterr().err
