"""Recognizers as SavedModels, in a process without pose_tf, and their guards."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

import pose_tf
from pose_tf.learning import export, head, memory, motions
from tests.support import bare_process

SCRIPT = pathlib.Path(bare_process.__file__)
C = 4
CAUSAL = "saved_models/penn_action_causal_classifier"


@pytest.fixture(scope="module")
def recognizer(motion_model, clips, unlabelled):
    return pose_tf.learn(motion_model, *clips, unlabelled)


@pytest.fixture(scope="module")
def path(recognizer, tmp_path_factory):
    return recognizer.save(tmp_path_factory.mktemp("exports") / "mine")


@pytest.fixture(scope="module")
def signatures(path):
    saved = tf.saved_model.load(str(path))
    return {name: saved.signatures[name] for name in saved.signatures}, saved


def call(signatures, poses, visibility=None, num_frames=None):
    if visibility is None:
        visibility = np.ones(poses.shape[:3], bool)
    if num_frames is None:
        num_frames = np.full(len(poses), poses.shape[1])
    outputs = signatures[0]["classify"](
        poses=tf.constant(poses, tf.float32),
        visibility=tf.constant(visibility),
        num_frames=tf.constant(num_frames, tf.int32),
    )
    return {name: value.numpy() for name, value in outputs.items()}


def test_a_bare_process_gets_the_same(path, recognizer, test_clips):
    poses = np.stack(test_clips[0][:7])
    clips = {"poses": poses, "visibility": np.ones(poses.shape[:3], bool)}
    np.savez(path.parent / "clips.npz", **clips)
    subprocess.run(
        [sys.executable, SCRIPT, "clips.npz", path.name],
        check=True,
        cwd=path.parent,
    )
    with np.load(path.parent / "mine.npz") as bare:
        assert bare["classify/7/24/novelty"].shape == (7,)
        assert bare["embed_motion/1/9/mean"].shape[0] == 1
        cut = [clip[:24] for clip in poses]
        np.testing.assert_allclose(
            bare["classify/7/24/probabilities"],
            recognizer.predict(cut),
            atol=1e-5,
        )


def test_assets_name_kind_joints_and_actions(path, recognizer):
    assets = path / "assets"
    assert (assets / "kind.txt").read_text() == "classifier\n"
    assert tuple((assets / "actions.txt").read_text().splitlines()) == (
        recognizer.actions
    )
    assert "left_wrist" in (assets / "joints.txt").read_text()


def test_a_bad_clip_is_nan_and_changes_no_other(signatures, test_clips):
    poses = np.stack(test_clips[0][:3])
    right = call(signatures, poses)
    spoilt = poses.copy()
    spoilt[1, 3, 2] = np.inf
    outputs = call(signatures, spoilt)
    for name, value in outputs.items():
        assert np.isnan(value[1]).all(), name
        np.testing.assert_allclose(value[::2], right[name][::2], atol=1e-5)
    nobody = np.ones(poses.shape[:3], bool)
    nobody[2] = False
    assert np.isnan(call(signatures, poses, nobody)["novelty"][2])


def test_padding_is_not_looked_at(signatures, test_clips):
    poses = np.stack(test_clips[0][:2])
    padded = np.concatenate([poses, np.full_like(poses, 9e9)], 1)
    outputs = call(signatures, padded, num_frames=[poses.shape[1]] * 2)
    for name, value in call(signatures, poses).items():
        np.testing.assert_allclose(outputs[name], value, atol=1e-5)


def test_wrong_arguments_fail_an_assertion(signatures, test_clips):
    poses = np.stack(test_clips[0][:2])
    with pytest.raises(tf.errors.InvalidArgumentError, match="num_frames"):
        call(signatures, poses, num_frames=[0, 5])


def test_novelty_is_the_share_of_motions_nearer_to_another():
    """Cosines to the nearest other: 0.8, 0.8, 0.6, 0 (worked by hand)."""
    learned = memory.Memory(
        actions=("a", "b"),
        embeddings=np.array(
            [[1, 0, 0], [0.8, 0.6, 0], [0, 1, 0], [0, 0, 1]], np.float32
        ),
        labels=np.array([0, 1]),
        head=head.Head(np.zeros((3, 2), np.float32)),
    )
    layer = export.RecognizerHead(learned)
    np.testing.assert_allclose(
        layer.novelty.distances.numpy(), [0.2, 0.2, 0.4, 1], atol=1e-6
    )
    asked = [
        [2, 0, 0],
        [0.7, 0, 0.714143],
        [-1, -0.001, -0.001],
        [np.nan, 0, 0],
    ]
    novelty = layer(tf.constant(asked))["novelty"].numpy()
    np.testing.assert_allclose(novelty, [0, 0.5, 1, np.nan], atol=1e-6)


def test_novelty_is_higher_for_an_unknown_action(motion_model, clips):
    known = [i for i, kind in enumerate(clips[1]) if kind != "kick"]
    recognizer = pose_tf.learn(
        motion_model, [clips[0][i] for i in known], [clips[1][i] for i in known]
    )
    layer = export.RecognizerHead(recognizer._memory)
    embedded = motions.embed(recognizer._model, clips[0]).embeddings
    novelty = layer(tf.constant(embedded))["novelty"].numpy()
    others = [i for i in range(len(clips[1])) if i not in known]
    assert novelty[known].max() == 0
    assert novelty[others].min() > 0


def test_of_many_motions_novelty_draws_some(monkeypatch):
    monkeypatch.setattr(export, "MAX_REFERENCES", 5)
    rng = np.random.default_rng(0)
    learned = memory.Memory(
        actions=("a", "b"),
        embeddings=rng.normal(size=(40, 3)).astype(np.float32),
        labels=np.array([0, 1]),
        head=head.Head(np.zeros((3, 2), np.float32)),
    )
    assert export.RecognizerHead(learned).novelty.references.shape == (5, 3)


def test_the_wrapper_gives_novelty_and_embeddings(path, test_clips):
    loaded = pose_tf.load(path)
    poses = np.stack(test_clips[0][:3])
    assert loaded.novelty(poses).shape == (3,)
    assert 0 <= loaded.novelty(poses[0]) <= 1
    assert loaded.embed_motion(poses[0])["mean"].shape == (32,)
    other = pose_tf.load("saved_models/penn_action_classifier")
    with pytest.raises(ValueError, match="`embed_motion` needs"):
        other.embed_motion(poses)
    with pytest.raises(ValueError, match="`novelty` needs"):
        pose_tf.load(CAUSAL).novelty(poses)
