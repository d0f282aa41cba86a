"""Clips as callers give them, embedded in batches."""

import numpy as np
import pytest

from pose_tf.learning import motion_models, motions
from pose_tf.pose.clip import Clip


@pytest.fixture(scope="module")
def model(motion_model):
    return motion_models.open_model(motion_model)


def test_every_form_of_a_clip_is_embedded_alike(model, clips):
    poses = clips[0][0]
    seen = np.ones(poses.shape[:2], bool)
    forms = [
        poses,
        (poses, seen),
        {"poses": poses, "visibility": seen, "clip_id": b"ann", "action": 3},
        {"poses": poses},
        Clip(
            poses=np.repeat(poses, 2, 0)[:-1],  # As if filmed twice as fast.
            visibility=np.repeat(seen, 2, 0)[:-1],
            skeleton=model.skeleton,
            fps=60,
            clip_id="bob",
        ),
    ]
    embedded = motions.embed(model, iter(forms))
    for embedding in embedded.embeddings[1:]:
        np.testing.assert_allclose(embedding, embedded.embeddings[0], atol=1e-6)
    assert embedded.names == ("clips[0]", "clips[1]", "ann", "clips[3]", "bob")
    assert len(set(embedded.digests.tolist())) == 1
    np.testing.assert_allclose(np.linalg.norm(embedded.embeddings[0]), 1, 1e-5)


def test_batches_change_nothing(model, clips, unlabelled, monkeypatch):
    several = [*clips[0], *unlabelled]
    together = motions.embed(model, several).embeddings
    sizes = []
    embed_motion = model.embed_motion

    def spying(poses, visibility, num_frames):
        sizes.append(poses.shape[:2])
        return embed_motion(poses, visibility, num_frames)

    monkeypatch.setattr(model, "embed_motion", spying)
    monkeypatch.setattr(motions, "CLIPS_PER_BATCH", 7)
    monkeypatch.setattr(motions, "FRAMES_PER_BATCH", 250)
    apart = motions.embed(model, several).embeddings
    np.testing.assert_allclose(apart, together, atol=1e-5)
    assert max(np.prod(size) for size in sizes) <= 250
    assert sum(size[0] for size in sizes) == len(several)


def test_clips_are_equal_if_what_is_seen_of_them_is(model, clips):
    poses = clips[0][0].copy()
    seen = np.ones(poses.shape[:2], bool)
    seen[3, 4] = False
    elsewhere, moved = poses.copy(), poses.copy()
    elsewhere[3, 4] = 7
    moved[3, 5] += 1
    digests = motions.embed(
        model, [(poses, seen), (elsewhere, seen), (moved, seen)]
    ).digests
    assert digests[0] == digests[1] != digests[2]


def test_short_clips_are_named(model, clips):
    poses = clips[0][0]
    embedded = motions.embed(model, [poses, poses[:8], poses[:9], poses[:1]])
    assert embedded.short == ("clips[1]", "clips[3]")
    assert np.isfinite(embedded.embeddings).all()


def test_nobody_is_an_error_or_left_out(model, clips):
    poses = clips[0][0]
    several = [poses, 0 * poses, poses]
    with pytest.raises(ValueError, match=r"`clips\[1\]` must have a frame"):
        motions.embed(model, several)
    embedded = motions.embed(model, several, leave_out=True)
    assert embedded.unseen == ("clips[1]",)
    assert embedded.places == (0, 2)


@pytest.mark.parametrize(
    ("clip", "told"),
    [
        (np.ones((5, 17, 2)), r"13, 2\].*Received: \(5, 17, 2\)"),
        (np.ones((2, 5, 13, 2)), r"one clip.*\(2, 5, 13, 2\)"),
        (np.ones((0, 13, 2)), "at least one"),
        (np.full((5, 13, 2), 1e9), "pixels from the origin"),
        ({"visibility": 1}, "a dict with visibility"),
        ("clip.npz", "real numbers"),
    ],
)
def test_what_is_no_clip_is_named(model, clips, clip, told):
    with pytest.raises(ValueError, match=told) as error:
        motions.embed(model, [clips[0][0], clip], "unlabelled")
    assert "unlabelled[1]" in str(error.value)


def test_no_clips_have_no_embeddings(model):
    assert motions.embed(model, []).names == ()


@pytest.mark.parametrize("other", ["vae", "classifier", "generator"])
def test_another_kind_of_model_is_refused(other):
    path = f"saved_models/penn_action_{other}"
    with pytest.raises(ValueError, match="must be a motion model.*Loaded"):
        motion_models.open_model(path)


def test_what_is_no_model_is_refused():
    with pytest.raises(ValueError, match="Received: a list"):
        motion_models.open_model([])
    with pytest.raises(FileNotFoundError):
        motion_models.open_model("no/model")


def test_a_model_of_another_skeleton_is_refused(motion_model):
    with pytest.raises(ValueError, match="coco_17"):
        motion_models.open_model(motion_model, "coco_17")
