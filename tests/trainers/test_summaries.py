"""Callbacks: what TensorBoard's own reader finds in the logs afterwards."""

import io

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import text_format
from PIL import Image
from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins import projector
from tensorboard.plugins.hparams import plugin_data_pb2

from pose_tf import configs
from pose_tf.pose import skeletons
from pose_tf.trainers import summaries

PENN = skeletons.PENN_ACTION


def events(folder):
    """The tensors that a run's event files hold: {tag: [(step, value)]}."""
    reader = event_accumulator.EventAccumulator(
        str(folder), size_guidance={event_accumulator.TENSORS: 0}
    )
    reader.Reload()
    return {
        tag: [
            (event.step, tf.make_ndarray(event.tensor_proto))
            for event in reader.Tensors(tag)
        ]
        for tag in reader.Tags()["tensors"]
    }


def scalars(folder, tag):
    return [(step, float(value)) for step, value in events(folder)[tag]]


def train(callback, epochs=3, logs=None):
    """Calls what `fit` and our loop call, with a toy model."""
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.25), loss="mse")
    callback.set_model(model)
    callback.on_train_begin()
    for epoch in range(epochs):
        callback.on_epoch_end(epoch, logs)
    callback.on_train_end()


def test_scalars_part_train_from_validation(tmp_path):
    logs = summaries.Logs(tmp_path)
    scores = {"loss": 2.5, "rate": 1.5, "val_loss": np.float32(3.5)}
    train(summaries.Scalars(logs), epochs=2, logs=scores)
    assert scalars(tmp_path / "train", "loss") == [(0, 2.5), (1, 2.5)]
    assert scalars(tmp_path / "train", "rate") == [(0, 1.5), (1, 1.5)]
    assert scalars(tmp_path / "validation", "loss") == [(0, 3.5), (1, 3.5)]
    assert scalars(tmp_path / "train", "learning_rate")[0] == (0, 0.25)
    assert list(events(tmp_path / "validation")) == ["loss"]


def test_scalars_show_the_learning_rate_of_a_schedule(tmp_path):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 2, 0.5)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(schedule), loss="mse")
    ds = tf.data.Dataset.from_tensors((tf.ones((4, 1)), tf.ones((4, 1))))
    logs = summaries.Logs(tmp_path)
    model.fit(ds, epochs=4, callbacks=[summaries.Scalars(logs)], verbose=0)
    rates = [rate for _, rate in scalars(tmp_path / "train", "learning_rate")]
    np.testing.assert_allclose(rates[1::2], [0.25, 0.125])  # Steps 2 and 4.


def test_confusion_matrix_writes_class_accuracies_and_a_picture(tmp_path):
    logs = summaries.Logs(tmp_path)
    labels = np.array([0, 0, 0, 0, 1])
    probabilities = np.eye(3)[[0, 0, 0, 1, 1]]
    train(
        summaries.ConfusionMatrix(
            logs, lambda: (labels, probabilities), ["bowl", "squat", "situp"]
        ),
        epochs=1,
    )
    run = tmp_path / "validation"
    assert scalars(run, "class_accuracy/bowl") == [(0, 0.75)]
    assert scalars(run, "class_accuracy/squat") == [(0, 1.0)]
    assert "class_accuracy/situp" not in events(run)  # It has no clip.
    ((step, (width, height, png)),) = events(run)["confusion_matrix"]
    image = Image.open(io.BytesIO(png))
    assert step == 0 and image.format == "PNG"
    assert image.size == (int(width), int(height))


def test_pictures_come_every_few_epochs_and_at_the_end(tmp_path):
    callback = summaries.ConfusionMatrix(
        summaries.Logs(tmp_path), lambda: ([0], np.eye(1)), ["bowl"], every=2
    )
    train(callback, epochs=5)
    steps = [s for s, _ in events(tmp_path / "validation")["confusion_matrix"]]
    assert steps == [1, 3, 4]


def test_rollouts_are_animations(tmp_path):
    poses = np.random.default_rng(0).uniform(0, 99, (6, PENN.num_joints, 2))
    visible = np.ones(poses.shape[:2], bool)

    def rollouts():
        sequences = [(poses, visible), (poses[:4], visible[:4])]
        return [summaries.Rollout("squat", sequences, ["truth", "vae"], 2)]

    logs = summaries.Logs(tmp_path)
    train(summaries.Rollouts(logs, rollouts, PENN, every=5), epochs=1)
    ((step, (width, height, gif)),) = events(tmp_path / "validation")[
        "rollouts/squat"
    ]
    image = Image.open(io.BytesIO(gif))
    assert (step, image.format, image.n_frames) == (0, "GIF", 6)
    assert image.size == (int(width), int(height))


def embedding(num_poses, labels):
    rng = np.random.default_rng(0)
    return summaries.Embedding(
        mean=rng.normal(size=(num_poses, 3)),
        poses=rng.uniform(0, 99, (num_poses, PENN.num_joints, 2)),
        visibility=np.ones((num_poses, PENN.num_joints), bool),
        labels=labels,
    )


def test_projector_writes_points_labels_and_thumbnails(tmp_path):
    points = embedding(
        5, {"action": ["bowl"] * 2 + ["sit\tup"] * 3, "view": ["left"] * 5}
    )
    logs = summaries.Logs(tmp_path)
    train(summaries.Projector(logs, lambda: points, PENN))
    run = tmp_path / "validation"
    assert list(run.glob("events.out.tfevents.*"))
    settings = projector.ProjectorConfig()
    text = (run / "projector_config.pbtxt").read_text()
    text_format.Parse(text, settings)
    (shown,) = settings.embeddings
    np.testing.assert_allclose(
        np.loadtxt(run / shown.tensor_path), points.mean, rtol=1e-5
    )
    rows = (run / shown.metadata_path).read_text().splitlines()
    assert rows == ["action\tview"] + ["bowl\tleft"] * 2 + ["sit up\tleft"] * 3
    size = summaries.THUMBNAIL
    assert list(shown.sprite.single_image_dim) == [size, size]
    assert Image.open(run / shown.sprite.image_path).size == (3 * size,) * 2


def test_projector_names_no_single_column(tmp_path):
    points = embedding(2, {"action": ["bowl", "squat"]})
    summaries.write_projector(tmp_path, points, PENN)
    rows = (tmp_path / "metadata.tsv").read_text().splitlines()
    assert rows == ["bowl", "squat"]


def test_hyperparameters_are_those_of_the_config(tmp_path):
    config = configs.VAEConfig(latent_dim=7, learning_rate=0.5)
    callback = summaries.hyperparameters(summaries.Logs(tmp_path), config)
    train(callback)
    reader = event_accumulator.EventAccumulator(str(tmp_path))
    reader.Reload()
    content = reader.SummaryMetadata("_hparams_/session_start_info")
    data = plugin_data_pb2.HParamsPluginData.FromString(
        content.plugin_data.content
    )
    written = data.session_start_info.hparams
    assert data.session_start_info.group_name == (
        "default, learning_rate=0.5, latent_dim=7"
    )
    assert written["latent_dim"].number_value == 7
    assert written["learning_rate"].number_value == 0.5
    assert written["augment"].bool_value is True
    assert written["normalization"].string_value == "torso"
    assert "_hparams_/session_end_info" in reader.Tags()["tensors"]


def test_all_callbacks_of_a_run_write_one_event_file(tmp_path):
    logs = summaries.Logs(tmp_path)
    train(summaries.Scalars(logs), logs={"val_loss": 1.0})
    train(summaries.ConfusionMatrix(logs, lambda: ([0], [[1.0]]), ["bowl"]))
    assert len(list((tmp_path / "validation").iterdir())) == 1


def test_callbacks_say_what_is_wrong(tmp_path):
    logs = summaries.Logs(tmp_path)
    with pytest.raises(ValueError, match="`every` must be at least 1.*0"):
        summaries.Rollouts(logs, list, PENN, every=0)
    wrong = embedding(3, {"action": ["bowl"] * 2})
    with pytest.raises(ValueError, match=r"`labels` .*\(3\).*'action': 2"):
        summaries.write_projector(tmp_path, wrong, PENN)
    with pytest.raises(ValueError, match="`labels` must have a column"):
        summaries.write_projector(tmp_path, embedding(3, {}), PENN)
