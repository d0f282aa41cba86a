"""A damaged folder: the older checkpoint, or an error that names the file."""

import json

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models import ActionClassifier, PoseFeatures
from pose_tf.pose.transform import PoseTransform
from pose_tf.trainers import checkpoints, loop
from tests.trainers.test_loop import NUM_BATCHES, epoch_ds, make_loop, weights


def train(folder, num_epochs=2, **options):
    training = make_loop(folder, **options)
    history = training.run(epoch_ds, NUM_BATCHES, num_epochs, verbose=0)
    return history, weights(training)


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def empty(path):
    path.write_bytes(b"")


@pytest.mark.parametrize("best", [True, False])
def test_every_weight_comes_back_of_layers_in_lists_too(tmp_path, best):
    features = PoseFeatures(PoseTransform("penn_action"))
    model = ActionClassifier(features, 3, filters=4, units=4, num_lstms=2)
    kept = checkpoints.Checkpoints(tmp_path, model)
    rng = np.random.default_rng(0)
    expected = [rng.normal(size=w.shape) for w in model.weights]
    for weight, value in zip(model.weights, expected, strict=True):
        weight.assign(value)
    if best:
        kept.write_best()
    else:
        kept.save(step=1)
    for weight in model.weights:
        weight.assign(0 * weight + 7)
    if best:
        kept.read_best()
    else:
        kept.restore()
    for weight, value in zip(model.weights, expected, strict=True):
        np.testing.assert_allclose(weight, value, err_msg=weight.path)


@pytest.mark.parametrize("damage", [truncate, flip, empty])
@pytest.mark.parametrize("suffix", ["index", "data-00000-of-00001"])
def test_if_the_newest_checkpoint_is_damaged_the_older_one_is_restored(
    tmp_path, damage, suffix
):
    expected = train(tmp_path / "straight")
    folder = tmp_path / "damaged"
    train(folder, 1)
    newest = folder / f"ckpt-{NUM_BATCHES}"
    assert (folder / "ckpt-4.index").exists()
    damage(folder / f"{newest.name}.{suffix}")
    with pytest.warns(UserWarning, match=f"{newest}.index or its data"):
        history, resumed = train(folder)
    assert history == expected[0]
    np.testing.assert_array_equal(resumed, expected[1])


def test_a_damaged_list_of_checkpoints_does_not_matter(tmp_path):
    expected = train(tmp_path / "straight")
    train(tmp_path / "damaged", 1)
    truncate(tmp_path / "damaged" / "checkpoint")
    history, resumed = train(tmp_path / "damaged")
    assert history == expected[0]
    np.testing.assert_array_equal(resumed, expected[1])


@pytest.mark.parametrize(
    "text", ["", '{"loss": [0.5', "[1, 2]", "{}", '{"loss": []}', '{"loss": 1}']
)
def test_a_damaged_history_is_named(tmp_path, text):
    train(tmp_path, 1)
    (tmp_path / "history.json").write_text(text)
    with pytest.raises(ValueError, match=f"{tmp_path}/history.json must hold"):
        train(tmp_path)


def test_a_missing_history_is_named(tmp_path):
    train(tmp_path, 1)
    (tmp_path / "history.json").unlink()
    with pytest.raises(ValueError, match="history.json must hold the scores"):
        train(tmp_path)


def test_damaged_best_weights_are_named(tmp_path):
    options = {"monitor": "badness", "patience": 2}

    def run(num_epochs):
        training = make_loop(tmp_path, **options)
        training.run(
            epoch_ds,
            NUM_BATCHES,
            num_epochs,
            validate=lambda: {"badness": 1.0},
            verbose=0,
        )

    run(1)
    truncate(tmp_path / "best.index")
    with pytest.raises(ValueError, match=f"{tmp_path}/best.index"):
        run(1)


def test_training_that_diverges_stops_at_the_first_loss(tmp_path):
    """And keeps the checkpoint of step 4, the last good one."""
    training = make_loop(tmp_path)
    loss = training.loss

    def diverging(batch, step, seed):
        value, scores = loss(batch, step, seed)
        return value / tf.cast(step != 4, tf.float32), scores

    training.loss = diverging
    with pytest.raises(
        loop.DivergedError,
        match="at epoch 1, step 5, `loss` must be finite. Received: inf",
    ):
        training.run(epoch_ds, NUM_BATCHES, 2, verbose=0)
    assert sorted(p.name for p in tmp_path.glob("ckpt-*.index")) == [
        "ckpt-2.index",
        "ckpt-4.index",
    ]
    assert not (tmp_path / "history.json").exists()
    expected = train(tmp_path.with_name("straight"))
    history, resumed = train(tmp_path)
    assert history == expected[0]
    np.testing.assert_array_equal(resumed, expected[1])
    assert json.loads((tmp_path / "history.json").read_text()) == history


def test_a_last_step_that_spoils_the_weights_is_noticed(tmp_path):
    """No later loss would tell: there is none."""
    training = make_loop(tmp_path)
    loss = training.loss

    def spoiling(batch, step, seed):
        value, scores = loss(batch, step, seed)
        kernel = training.model.trainable_variables[0]
        # The root of 0 is 0, and its slope there infinite.
        return value + tf.sqrt(0 * tf.reduce_sum(kernel.value)), scores

    training.loss = spoiling
    with pytest.raises(
        loop.DivergedError, match="the end of epoch 1, `weights` must be finite"
    ):
        training.run(lambda epoch: epoch_ds(epoch).take(1), 1, 1, verbose=0)
    assert not list(tmp_path.glob("ckpt*"))


def test_a_validation_loss_that_is_not_finite_is_named(tmp_path):
    validate = lambda: {"loss": np.nan}
    with pytest.raises(loop.DivergedError, match="epoch 1, `val_loss` must be"):
        make_loop(tmp_path).run(
            epoch_ds, NUM_BATCHES, 1, validate=validate, verbose=0
        )


def test_other_validation_scores_may_be_nan(tmp_path):
    """Where no joint is visible there is no error to speak of."""
    for num_epochs in (1, 2):
        history = make_loop(tmp_path).run(
            epoch_ds,
            NUM_BATCHES,
            num_epochs,
            validate=lambda: {"mpjpe": np.nan},
            verbose=0,
        )
    assert len(history["val_mpjpe"]) == 2
