"""The command `pose-tf learn`, on folders of keypoint files."""

import numpy as np
import pytest

import pose_tf
from pose_tf.cli import learn as learn_
from pose_tf.cli import main
from tests.support import fake_motion_model, keypoint_folders

KINDS = fake_motion_model.KINDS


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return fake_motion_model.write(tmp_path_factory.mktemp("motion") / "model")


def add(root, place, kind, seed):
    keypoint_folders.add(
        root, f"{place}.npz", fake_motion_model.clip(kind, seed)
    )


@pytest.fixture
def folder(tmp_path):
    """Two labelled clips of each kind, and four without labels."""
    root = keypoint_folders.make(tmp_path / "clips")
    for n, kind in enumerate(KINDS):
        for seed in (n, 20 + n):
            add(root, f"{kind}/ann_{seed}", kind, seed)
        add(root, f"unlabelled/{n}", kind, 40 + n)
    return root


def error_of(argv, capsys):
    with pytest.raises(SystemExit, match="2"):
        main.main(argv)
    error = capsys.readouterr().err
    assert error.count("error: ") == 1
    return error


def test_a_folder_becomes_a_saved_model(model, folder, tmp_path, capsys):
    output = tmp_path / "runs" / "mine"
    main.main(["learn", f"{model}", f"{folder}", f"--output={output}"])
    printed = capsys.readouterr().out
    assert "Learning from 8 labelled and 4 unlabelled clips" in printed
    assert "Accuracy to expect: " in printed
    assert printed.splitlines()[-1] == str(output)
    recognizer = pose_tf.load(output)
    assert recognizer.actions == tuple(sorted(KINDS))
    probabilities = recognizer.classify(fake_motion_model.clip("sway", 80))
    assert recognizer.actions[probabilities.argmax()] == "sway"


def test_what_was_learnt_classifies_and_embeds(model, folder, tmp_path, capsys):
    output = tmp_path / "mine"
    main.main(["learn", f"{model}", f"{folder}", f"--output={output}"])
    capsys.readouterr()
    main.main(["classify", f"{output}", f"{folder}/sway/ann_1.npz"])
    assert capsys.readouterr().out.splitlines()[0].endswith("sway")


def test_clips_marked_test_are_scored_only(model, folder, tmp_path, capsys):
    for n, kind in enumerate(KINDS):
        add(folder, f"test/{kind}/eve_{n}", kind, 60 + n)
    output = tmp_path / "mine"
    main.main(["learn", f"{model}", f"{folder}", f"--output={output}"])
    printed = capsys.readouterr().out
    assert "Learning from 8 labelled and 4 unlabelled" in printed
    line = printed[printed.index("Test clips: ") :].splitlines()[0]
    assert line in (
        "Test clips: 3 of 4 recognized (75%).",
        "Test clips: 4 of 4 recognized (100%).",
    )


def test_clips_that_the_table_leaves_out_are_unlabelled(
    model, tmp_path, capsys
):
    root = keypoint_folders.make(tmp_path / "clips")
    for n in range(12):
        add(root, f"{n}", KINDS[n % 2], n)
    (root / "labels.csv").write_text("clip_id,action\n0,up\n1,aside\n")
    output = tmp_path / "mine"
    main.main(["learn", f"{model}", f"{root}", f"--output={output}"])
    printed = capsys.readouterr().out
    assert "Learning from 2 labelled and 10 unlabelled clips" in printed
    assert "Accuracy to expect: unknown" in printed
    assert pose_tf.load(output).actions == ("aside", "up")


def test_another_folder_of_unlabelled_clips(model, folder, tmp_path, capsys):
    more = keypoint_folders.make(tmp_path / "more")
    for n in range(6):
        add(more, f"{'test/' * (n % 2)}who/knows_{n}", KINDS[n % 4], 70 + n)
    output = tmp_path / "mine"
    main.main(
        ["learn", f"{model}", f"{folder}", f"--output={output}"]
        + [f"--unlabelled={more}"]
    )
    printed = capsys.readouterr().out
    assert "Learning from 8 labelled and 10 unlabelled clips" in printed
    assert "who" not in printed


def test_a_recognizer_learns_more_in_place(model, folder, tmp_path, capsys):
    output = tmp_path / "mine"
    main.main(["learn", f"{model}", f"{folder}", f"--output={output}"])
    more = keypoint_folders.make(tmp_path / "more")
    poses = fake_motion_model.clip("raise", 5)[::-1] * (1, -1)
    keypoint_folders.add(more, "handstand/a.npz", poses + (0, 900))
    main.main(["learn", f"{output}", f"{more}", f"--output={output}"])
    assert pose_tf.load(output).actions == (*sorted(KINDS), "handstand")
    assert "Unknown for actions with one clip: handstand" in (
        capsys.readouterr().out
    )


def test_a_wrong_label_is_one_line_of_warning(model, folder, tmp_path, capsys):
    (folder / "sway" / "ann_1.npz").rename(folder / "kick" / "wrong.npz")
    for n in range(8):
        add(folder, f"unlabelled/more_{n}", KINDS[n % 4], 100 + n)
    output = tmp_path / "mine"
    main.main(["learn", f"{model}", f"{folder}", f"--output={output}"])
    warnings = capsys.readouterr().err.splitlines()
    assert any(
        line.startswith("pose-tf: warning: kick/wrong, labelled 'kick', lies")
        for line in warnings
    )


def test_another_skeleton_is_refused(model, folder, tmp_path, capsys):
    keypoint_folders.describe(folder, convert_to="coco_17")
    output = tmp_path / "mine"
    argv = ["learn", f"{model}", f"{folder}", f"--output={output}"]
    assert "'penn_action'" in (error := error_of(argv, capsys))
    assert "`convert_to` 'coco_17'" in error
    assert not output.exists()


def test_mistakes_leave_nothing(model, folder, tmp_path, capsys):
    output = tmp_path / "mine"
    argv = ["learn", f"{model}", f"{folder}", f"--output={output}"]
    (folder / "sway" / "bad.npz").write_bytes(b"no clip")
    assert "sway/bad.npz" in error_of(argv, capsys)
    argv[2] = f"{tmp_path}/nothing"
    assert "must be a folder" in error_of(argv, capsys)
    argv[1] = "saved_models/penn_action_vae"
    assert "must be a motion model" in error_of(argv, capsys)
    assert not output.exists()


def test_a_folder_of_other_things_is_no_output(model, folder, tmp_path, capsys):
    argv = ["learn", f"{model}", f"{folder}", f"--output={folder}"]
    assert "`output` must be a new or empty folder" in error_of(argv, capsys)
    assert (folder / "dataset.json").exists()


def test_ctrl_c_is_no_traceback_and_leaves_nothing(
    model, folder, tmp_path, capsys, monkeypatch
):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(learn_, "_scored", interrupted)
    add(folder, "test/sway/eve", "sway", 60)
    output = tmp_path / "mine"
    with pytest.raises(SystemExit, match="130"):
        main.main(["learn", f"{model}", f"{folder}", f"--output={output}"])
    assert capsys.readouterr().err.endswith("pose-tf: interrupted\n")
    assert not output.exists()


def test_nobody_is_told_of_a_clip_twice(model, folder, tmp_path, capsys):
    keypoint_folders.add(folder, "unlabelled/nobody.npz", np.zeros((9, 13, 2)))
    output = tmp_path / "mine"
    main.main(["learn", f"{model}", f"{folder}", f"--output={output}"])
    assert capsys.readouterr().err.count("unlabelled/nobody") == 1
