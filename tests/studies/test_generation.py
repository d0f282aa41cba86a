"""Tests of the generation experiments: tiny runs, and baselines on real data."""

import numpy as np
import pytest

from pose_tf.evaluation import next_frame as protocol
from pose_tf.models import baselines
from pose_tf.pipeline import windows
from pose_tf.plots import stick_figures
from studies.embedding import plan
from studies.embedding.gallery import experiment as gallery
from studies.embedding.generation import experiment as generation
from studies.embedding.generation import generators, rollouts
from studies.embedding.next_frame import experiment as next_frame
from studies.engine import context, store

TINY = plan.Plan(
    name="tiny",
    vae_epochs=1,
    generation_seeds=1,
    next_frame_seeds=1,
    generation_dimensions=(2,),
    generator_dim=8,
    generator_epochs=1,
    skips=(2,),
    pose_dimensions=(),
    next_frame_epochs=1,
    gallery_dimension=2,
)


@pytest.fixture(scope="module")
def tiny_context(tiny_data_dir, tmp_path_factory):
    """A context of tiny clips; its tests share a VAE."""
    kept = store.Store(tmp_path_factory.mktemp("runs"))
    return context.Context(kept, data_dir=tiny_data_dir)


@pytest.fixture
def short(monkeypatch):
    """Horizons that fit into tiny clips."""
    monkeypatch.setattr(generation, "HORIZON", 3)
    monkeypatch.setattr(generation, "LONG_HORIZON", 5)
    monkeypatch.setattr(generation, "BANK_POSES", 50)
    monkeypatch.setattr(gallery, "AHEAD", (0, 5))


def test_arms_differ_in_the_input_alone():
    runs = [r for r in generation.runs(TINY) if "config" in r.options]
    raw, embedded = runs
    assert raw.options["config"] == embedded.options["config"]
    assert (raw.options["arm"], raw.needs) == ("raw", ())
    assert embedded.options["latent_dim"] == 2
    (vae,) = embedded.needs
    assert (vae.options["occluded"], vae.seed) == (True, embedded.seed)


@pytest.mark.slow
def test_house_runs_and_gallery_of_tiny_clips(tiny_context, short):
    figures = {}
    for run in generation.runs(TINY):
        if run.options["arm"] != "constant_velocity":
            record = tiny_context.perform(run)
            figures[run.options["arm"]] = record["figures"]
    assert figures["zero_velocity"]["health"]["energy_ratio"] == [0.0] * 5
    embedded = figures["embedding"]
    total, reconstruction, dynamics = (
        np.array(embedded[key])
        for key in ("mpjpe", "reconstruction", "dynamics")
    )
    assert total.shape == (3,)
    # The triangle's inequality, on the same joints of the same windows.
    assert (total <= reconstruction + dynamics + 1e-6).all()
    assert (np.abs(total - dynamics) <= reconstruction + 1e-6).all()
    assert "dynamics" not in figures["raw"]
    # Alone, after others, and again: the same figures.
    (raw,) = [r for r in generation.runs(TINY) if r.options["arm"] == "raw"]
    assert tiny_context.perform(raw)["figures"] == figures["raw"]
    run = gallery.runs(TINY)[1]
    shown = tiny_context.perform(run)["figures"]["shown"]
    drawn = tiny_context.runs.path(run).glob("pictures/*.gif")
    assert {path.name for path in drawn} == {s["picture"] for s in shown}
    assert [s["ahead"] for s in shown if s["kind"] == "typical"] == [0, 5]


@pytest.mark.slow
def test_next_frame_runs_of_tiny_clips(tiny_context):
    figures = {
        run.options["arm"]: tiny_context.perform(run)["figures"]
        for run in next_frame.runs(TINY)
    }
    assert set(figures) == {*generators.BASELINES, "raw", "embedding"}
    embedded = figures["embedding"]
    assert (
        embedded["visible_mae"]
        <= embedded["reconstruction"] + embedded["dynamics"] + 1e-9
    )
    clips = tiny_context.clips
    batches = windows.window_batches(
        clips.test,
        length=5 * 2 + 1,
        stride=2,
        batch_size=64,
        skeleton=clips.skeleton,
    )
    expected = protocol.evaluate_next_frame(
        lambda poses, seen: (poses[:, -1:], seen[:, -1:]),
        batches,
        skip=2,
        unit=None,
    )
    assert figures["zero_velocity"] == pytest.approx(expected)


def test_training_windows_keep_every_second_frame(tiny_context):
    clips = tiny_context.clips
    trainer = next_frame.trainer_of(2)
    made = trainer.__new__(trainer)  # Needs no folder to cut windows.
    made.config = generators.configs.preset("generator", "tiny")
    made.clips = clips
    assert made.length == 11
    batch = next(iter(made.batches(clips.test, batch_size=4)))
    clip = next(iter(clips.test))
    np.testing.assert_array_equal(batch["poses"][0], clip["poses"][:11:2])
    assert batch["visibility"].shape[1] == batch["boxes"].shape[1] == 6


def test_gif_of_a_long_sequence_grows(tiny_context):
    cut = rollouts.gather(
        windows.window_batches(
            tiny_context.clips.test,
            length=15,
            stride=5,
            batch_size=8,
            skeleton=tiny_context.clips.skeleton,
        )
    )
    rolled = rollouts.Baseline("zero_velocity").rollout(
        cut["poses"][:, :10], cut["visibility"][:, :10], 5
    )
    seen, *others = gallery._sequences(cut, rolled, 0, 10, 3)
    assert len(seen[0]) == 10
    assert [len(poses) for poses, _ in others] == [13, 13]
    assert len(gallery._sequences(cut, rolled, 0, 10, 0)) == 1
    assert stick_figures.view_box([seen]).side > 0


def test_real_baselines_have_the_published_figures(penn_clips):
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


def test_real_last_frames_repeated_have_the_published_error(penn_clips):
    for skip, mae in ((1, 0.0061), (2, 0.0117), (4, 0.0215)):
        cut = next_frame._test_windows(penn_clips, skip)
        scores = protocol.evaluate_next_frame(
            lambda poses, seen: (poses[:, -1:], seen[:, -1:]), [cut], unit=None
        )
        assert scores["mae"] == pytest.approx(mae, abs=5e-5)
