"""Tests of part 4 and of its pictures, on tiny clips."""

import numpy as np
import pytest
from PIL import Image

from pose_tf.models.vae import PoseVAE
from pose_tf.pipeline import single_poses
from studies.embedding import plan, vaes
from studies.embedding.latent import experiment as embedding
from studies.embedding.latent import interpolation, latent_map
from studies.page import pictures


class _Context:
    def __init__(self, folder):
        self.folder = folder


@pytest.fixture(scope="module")
def model(tiny_clips):
    """A VAE that starts as PCA and is not trained."""
    transform = single_poses.fit_transform(
        tiny_clips.train, tiny_clips.skeleton
    )
    vae = PoseVAE("penn_action", latent_dim=2, hidden_dim=8)
    vae.transform.set_weights(transform.get_weights())
    batches = single_poses.pose_batches(
        tiny_clips.train, transform, batch_size=512, skeleton=vae.skeleton
    )
    features = [batch["features"].numpy() for batch in batches]
    vae.start_linear(np.concatenate(features))
    return vae


@pytest.fixture(scope="module")
def test_poses(model, tiny_clips):
    return embedding.embedded(model, tiny_clips.test, tiny_clips.skeleton)


def test_all_poses_are_embedded(model, test_poses, tiny_clips):
    frames = sum(int(clip["poses"].shape[0]) for clip in tiny_clips.test)
    assert test_poses["latent"].shape == (frames, 2)
    clip = next(iter(tiny_clips.test))
    mean = model.embed_clip(clip["poses"][None], clip["visibility"][None])[
        "mean"
    ]
    got = test_poses["latent"][: mean.shape[1]]
    np.testing.assert_allclose(got, mean[0], atol=1e-4)


def test_map_is_drawn(model, test_poses, tiny_clips, tmp_path):
    context = _Context(tmp_path)
    metrics = latent_map.draw(model, test_poses, tiny_clips.actions, context)
    picture = Image.open(pictures.path(context, metrics["picture"]))
    assert picture.width > 1000
    assert 0 <= metrics["neighbour"] <= 100
    # Three actions in 6 clips of about 30 frames.
    assert metrics["chance"] == pytest.approx(100 / 3, abs=3)


def test_nearest_neighbour_is_another_pose():
    latent = np.array([[0.0, 0], [0.1, 0], [5, 5], [5, 5.1], [0, 0.05]])
    action = np.array([0, 0, 1, 1, 1])
    assert latent_map._same_action(latent, action) == pytest.approx(60)


def test_lines_are_drawn_and_end_in_the_medoids(
    model, test_poses, tiny_clips, tmp_path, monkeypatch
):
    monkeypatch.setattr(interpolation, "BANK_POSES", 20)
    context = _Context(tmp_path)
    metrics = interpolation.draw(
        model, test_poses, test_poses, tiny_clips.actions, context
    )
    assert metrics["num_pairs"] == 3
    for shown in metrics["shown"]:
        with Image.open(pictures.path(context, shown["picture"])) as gif:
            assert gif.n_frames == 2 * interpolation.STEPS - 1
    distances = [shown["distance"] for shown in metrics["shown"]]
    assert distances == sorted(distances)


def test_vaes_are_those_of_the_other_parts():
    runs = embedding.runs(plan.FULL)
    digests = {run.digest() for run in runs}
    assert vaes.vae_run(plan.FULL, 160, seed=4).digest() in digests
    betas = {r.options["beta"] for r in runs if r.experiment == vaes.NAME}
    assert betas == set(plan.FULL.betas)
