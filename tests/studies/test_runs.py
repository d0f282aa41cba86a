"""Runs of made-up clips: alone and after others, in workers, checked."""

import dataclasses
import functools
import re

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models.features import PoseFeatures
from pose_tf.models.vae import PoseVAE
from pose_tf.pose.transform import PoseTransform
from studies import __main__
from studies.embedding import plan
from studies.embedding.classification import classifiers
from studies.embedding.classification import experiment as classification
from studies.embedding.reproduction import experiment as reproduction
from studies.embedding.reproduction.conditions import ALL, CONDITIONS, LINEAR
from studies.embedding.reproduction.whitening import WhitenedFeatures
from studies.engine import checks, context, schedule, store, workers

TINY = dataclasses.replace(
    plan.QUICK,
    vae_epochs=1,
    dimensions=(2,),
    lengths=(3, 0),
    epochs=(1, 1),
    filters=8,
    units=8,
    batch_size=32,
    clip_batch_size=4,
    window=8,
    reproduction_dimension=2,
    reproduction_every=1,
)
# With `validation` the VAEs are not measured, which takes longest.
arm = functools.partial(
    classification.arm_run, TINY, seed=1, protocol="validation"
)


@pytest.fixture
def tiny_context(tiny_data_dir, tmp_path):
    return context.Context(store.Store(tmp_path), data_dir=tiny_data_dir)


@pytest.mark.slow
def test_figures_are_the_same_alone_and_after_other_runs(
    tiny_context, tiny_data_dir, tmp_path
):
    run = arm("sampled", length=3, labels=50, latent_dim=2)
    tiny_context.perform(arm("raw", length=0, labels=100))
    after = tiny_context.perform(run)
    fresh = store.Store(tmp_path / "fresh")
    alone = context.Context(fresh, data_dir=tiny_data_dir).perform(run)
    assert after["figures"] == alone["figures"]
    assert after["digest"] == run.digest()
    # What it needs was run with it, and nothing else is left.
    left = {path.name for path in fresh.folder.iterdir()}
    assert left == {run.digest(), run.needs[0].digest()}


def test_features_are_sampled_when_asked_alone():
    vae = PoseVAE("penn_action", latent_dim=2)
    poses = tf.random.stateless_uniform((1, 3, 13, 2), (0, 0), 0, 200)
    seen = tf.ones((1, 3, 13), tf.bool)
    features = classifiers.SampledFeatures(vae=vae)
    mean, _ = PoseFeatures(vae=vae)(poses, seen)
    np.testing.assert_array_equal(features(poses, seen)[0], mean)
    with features.sampling((0, 1)):
        sampled, _ = features(poses, seen)
    apart = np.abs(sampled - mean).max((0, 1))
    assert (apart[:2] > 0).all()  # The embedding; the root is as it is.
    assert (apart[2:] == 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("condition", ["as the seed did", "all four"])
def test_conditions_of_the_seed_can_be_run(condition, tiny_context):
    run = reproduction.arm_run(TINY, "embedding", CONDITIONS[condition], 0)
    figures = tiny_context.perform(run)["figures"]
    counts = np.array(figures["confusion"])
    assert counts.sum() == figures["num_windows"]
    assert figures["top1"] == pytest.approx(
        100 * np.trace(counts) / counts.sum()
    )


@pytest.mark.slow
def test_linear_control_runs_where_all_is_put_right(tiny_context):
    run = reproduction.arm_run(TINY, LINEAR, CONDITIONS[ALL], 0)
    assert not run.needs
    figures = tiny_context.perform(run)["figures"]
    assert np.sum(figures["confusion"]) == figures["num_windows"]


def test_whitened_poses_are_uncorrelated_with_unit_variance():
    rng = np.random.default_rng(0)
    transform = PoseTransform("penn_action")
    poses = rng.normal(size=(500, 26)) @ rng.normal(size=(26, 26)) + 3
    frames = {
        "pose": tf.cast(tf.reshape(poses, (1, 500, 13, 2)), tf.float32),
        "visibility": tf.ones((1, 500, 13), tf.bool),
        "velocity": tf.zeros((1, 500, 2)),
        "path": tf.zeros((1, 500, 2)),
    }
    seen = transform.standardize_pose(frames)[0]
    features = WhitenedFeatures(transform, seen)
    white = features.of_frames(frames)[0].numpy()
    assert white.shape == (500, features.num_features)
    # Visibilities that never change have no component.
    assert features.num_pose_features <= 26
    spread = np.cov(white[:, : features.num_pose_features].T)
    np.testing.assert_allclose(spread, np.eye(len(spread)), atol=1e-3)


def test_baselines_see_the_labelled_clips_alone(tiny_context):
    run = classification.baseline_run(
        TINY, "nearest neighbour", length=0, labels=1
    )
    few = tiny_context.perform(run)["figures"]
    assert sum(map(sum, few["confusion"])) == few["num_windows"]


def test_draws_are_nested_and_have_each_action():
    actions = np.repeat([0, 1, 2], [50, 20, 3])
    few, more = (classifiers.draw(actions, share, seed=3) for share in (5, 10))
    assert np.bincount(actions[few]).tolist() == [2, 1, 1]
    assert np.bincount(actions[more]).tolist() == [5, 2, 1]
    assert not (few & ~more).any()
    assert (few != classifiers.draw(actions, 5, seed=4)).any()


def test_share_of_labels_must_be_a_share(tiny_clips):
    with pytest.raises(ValueError, match="at most 100. Received: 101"):
        classifiers.labelled_clips(tiny_clips, "official", 101, 0)


@pytest.fixture(scope="module")
def finished(tiny_data_dir, tmp_path_factory):
    """A schedule of three runs, one of which fails, in two workers."""
    kept = store.Store(tmp_path_factory.mktemp("runs"))
    runs = [
        classification.baseline_run(TINY, name, length=0)
        for name in classification.BASELINES
    ]
    bad = dataclasses.replace(runs[0], options={"arm": "none"})
    options, lines = {"data_dir": str(tiny_data_dir)}, []
    with kept.lock():
        outcome = schedule.Schedule(
            [bad, *runs], kept, options, tell=lines.append
        ).execute()
    return kept, runs, options, outcome, lines


@pytest.mark.slow
def test_schedule_goes_on_after_a_run_that_fails(finished):
    kept, runs, _, outcome, lines = finished
    assert (outcome.finished, outcome.total) == (2, 3)
    assert len(kept.records(runs)) == 2
    ((failed, error),) = outcome.failures
    assert failed.options == {"arm": "none"}
    assert "KeyError" in error
    assert any("[2/3]" in line for line in lines)
    left = {path.name for path in kept.folder.iterdir()}
    assert left == {".lock", workers.LOG, *(run.digest() for run in runs)}


@pytest.mark.slow
def test_schedule_does_nothing_twice(finished):
    kept, runs, options, _, _ = finished
    lines = []
    given = schedule.Schedule(runs, kept, options, tell=lines.append)
    assert given.execute().finished == 2
    assert not lines


@pytest.mark.slow
def test_time_that_is_up_leaves_nothing(finished, tmp_path):
    _, runs, options, _, _ = finished
    kept = store.Store(tmp_path)
    outcome = schedule.Schedule(runs, kept, options, minutes=1e-3).execute()
    assert (outcome.finished, outcome.failures) == (0, [])
    assert not kept.records(runs)


@pytest.mark.slow
def test_check_finds_the_run_whose_figures_differ(
    finished, tmp_path, monkeypatch
):
    kept, runs, options, _, _ = finished
    monkeypatch.setattr(checks.schedule, "runs_of", lambda _: runs)
    records = kept.records(runs)
    again = functools.partial(
        checks.again, options=options, count=10, seed=0, jobs=1
    )
    results = {"plan": "quick", "runs": records}
    assert again(results, tmp_path / "same") == 0
    records[0]["figures"]["top1"] += 1e-9
    lines = []
    assert again(results, tmp_path / "other", tell=lines.append) == 1
    verdicts = [line.split(":")[0] for line in lines[-2:]]
    assert sorted(verdicts) == ["DIFFERS", "same"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--jobs=0"], "`jobs` must be at least 1. Received: 0"),
        (["--minutes=-1"], "`minutes` must be positive. Received: -1"),
        (["check", "--count=0"], "`count` must be at least 1. Received: 0"),
        (["report"], "Received: .*results.json"),
        (["--parts", "nonsense"], "nonsense"),
    ],
    ids=str,
)
def test_mistakes_end_in_one_line(
    arguments, message, tiny_data_dir, tiny_penn_dir, tmp_path, capsys
):
    folders = [f"--runs={tmp_path}", f"--output={tmp_path}"]
    folders += [f"--data_dir={tiny_data_dir}", f"--manual_dir={tiny_penn_dir}"]
    with pytest.raises(SystemExit) as error:
        __main__.main(["--quick", *arguments, *folders])
    assert error.value.code == 2
    told = capsys.readouterr().err
    assert re.search(message, told.splitlines()[-1])
