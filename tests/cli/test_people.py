"""Commands on a recording of two people: a row or a file for each."""

import json
import re

import numpy as np
import pytest

from pose_tf.cli import main

CLASSIFIER = "saved_models/penn_action_classifier"
YOLO = "docs/yolo.json"  # The second of two drawn figures comes at frame 40.


def test_a_row_for_each_person_and_their_probabilities(tmp_path, capsys):
    output = tmp_path / "people.json"
    main.main(["classify", CLASSIFIER, YOLO, f"--output={output}"])
    rows = capsys.readouterr().out.splitlines()
    pattern = r"person +(\d) +frames +(\S+) +\d+\.\d% +(\w+)"
    assert [re.fullmatch(pattern, row).groups() for row in rows] == [
        ("1", "0-119", "jumping_jacks"),
        ("2", "40-119", "jumping_jacks"),
    ]
    made = json.loads(output.read_text())
    assert made["person"] == [1, 2]
    assert np.shape(made["probabilities"]) == (2, len(made["actions"]))
    assert len(made["novelty"]) == 2


def test_a_clip_that_shows_nothing_known_is_said_to(tmp_path, capsys):
    """Noise is no action."""
    rng = np.random.default_rng(0)
    noise = rng.normal(200, 50, (60, 13, 2))
    np.savez(tmp_path / "noise.npz", poses=noise)
    main.main(["classify", CLASSIFIER, f"{tmp_path}/noise.npz"])
    first, *ranked = capsys.readouterr().out.splitlines()
    assert first.startswith("none of these: novelty 0.99")
    assert len(ranked) == 5


def test_a_file_for_each_person(tmp_path, capsys):
    output = tmp_path / "embedded.npz"
    main.main(
        ["embed", "saved_models/penn_action_vae", YOLO, f"--output={output}"]
    )
    paths = [tmp_path / f"embedded_person{person}.npz" for person in (1, 2)]
    assert capsys.readouterr().out.split() == [str(path) for path in paths]
    lengths = [len(np.load(path)["mean"]) for path in paths]
    assert lengths == [120, 80]


def test_what_a_file_does_not_say_is_an_option(tmp_path, capsys):
    """Shares of the frame need its size; without it, it is said to be wide."""
    poses = np.load("docs/jumping_jacks.npz")["poses"] / [200, 400]
    np.savez(tmp_path / "shares.npz", poses=poses)
    command = ["classify", CLASSIFIER, f"{tmp_path}/shares.npz"]
    with pytest.raises(SystemExit, match="2"):
        main.main(command)
    error = capsys.readouterr().err
    assert "`frame_size` must be given" in error
    assert len(error.splitlines()) == 1
    main.main([*command, "--frame_size", "200", "400"])
    captured = capsys.readouterr()
    assert "jumping_jacks" in captured.out
    assert "200 x 400 pixels" in captured.err
