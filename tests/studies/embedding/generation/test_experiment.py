"""Tests of long rollouts on tiny clips, and of baselines on real ones."""

import numpy as np
import pytest

from pose_tf.models import baselines
from studies.embedding.gallery import experiment as gallery
from studies.embedding.generation import experiment as generation


@pytest.fixture
def short(monkeypatch):
    """Horizons that fit into tiny clips."""
    monkeypatch.setattr(generation, "HORIZON", 3)
    monkeypatch.setattr(generation, "LONG_HORIZON", 5)
    monkeypatch.setattr(generation, "BANK_POSES", 50)
    monkeypatch.setattr(gallery, "AHEAD", (0, 5))


def test_arms_differ_only_in_the_input(tiny_plan):
    runs = [r for r in generation.runs(tiny_plan) if "config" in r.options]
    raw, embedded = runs
    assert raw.options["config"] == embedded.options["config"]
    assert (raw.options["arm"], raw.needs) == ("raw", ())
    assert embedded.options["latent_dim"] == 2
    (vae,) = embedded.needs
    assert (vae.options["occluded"], vae.seed) == (True, embedded.seed)


@pytest.mark.slow
def test_long_rollouts_and_gallery_of_tiny_clips(
    shared_context, tiny_plan, short
):
    metrics = {}
    for run in generation.runs(tiny_plan):
        if run.options["arm"] != "constant_velocity":
            record = shared_context.perform(run)
            metrics[run.options["arm"]] = record["metrics"]
    assert metrics["zero_velocity"]["health"]["energy_ratio"] == [0.0] * 5
    embedded = metrics["embedding"]
    total, reconstruction, dynamics = (
        np.array(embedded[key])
        for key in ("mpjpe", "reconstruction", "dynamics")
    )
    assert total.shape == (3,)
    # The triangle's inequality, on the same joints of the same windows.
    assert (total <= reconstruction + dynamics + 1e-6).all()
    assert (np.abs(total - dynamics) <= reconstruction + 1e-6).all()
    assert "dynamics" not in metrics["raw"]
    # Alone, after others, and again: the same metrics.
    (raw,) = [
        r for r in generation.runs(tiny_plan) if r.options["arm"] == "raw"
    ]
    assert shared_context.perform(raw)["metrics"] == metrics["raw"]
    run = gallery.runs(tiny_plan)[1]
    shown = shared_context.perform(run)["metrics"]["shown"]
    drawn = shared_context.runs.path(run).glob("pictures/*.gif")
    assert {path.name for path in drawn} == {s["picture"] for s in shown}
    assert [s["ahead"] for s in shown if s["kind"] == "typical"] == [0, 5]


def test_real_baselines_have_the_published_scores(penn_clips):
    cut = generation.test_windows(penn_clips, generation.HORIZON)
    for name, pck, mpjpe in (
        ("zero_velocity", 57.0, 8.49),
        ("constant_velocity", 50.8, 13.34),
    ):
        predicted = getattr(baselines, name)(cut["poses"][:, :10], None, 30)
        scores = generation._scores(predicted, cut)
        assert scores["mean_pck"] == pytest.approx(pck, abs=0.05)
        assert scores["mean_mpjpe"] == pytest.approx(mpjpe, abs=0.005)
        assert scores["num_windows"] == 7551
