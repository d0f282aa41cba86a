"""How long one clip, or one frame of a stream, takes an exported model.

Models of the default presets, untrained: their weights cost the same. Beside
each, torch's LSTMs of the same sizes with a linear layer behind: no more than
the recurrent part of what ours do, from embedded poses on.
"""

import pathlib
import tempfile
import time

import numpy as np
import tensorflow as tf
import torch

from benchmarks.table import Row
from pose_tf import configs
from pose_tf.models.classifier import ActionClassifier
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import PoseGenerator
from pose_tf.models.vae import PoseVAE
from pose_tf.pose.transform import PoseTransform
from pose_tf.serving import saved_model

SKELETON = "penn_action"
NUM_ACTIONS = 15
NUM_FRAMES = 56  # The median clip of Penn Action.
REPEATS = 300


def _export(folder):
    """Exports a classifier on embeddings and a generator on raw poses."""
    config = configs.preset("vae", "default")
    vae = PoseVAE(
        SKELETON, config.latent_dim, config.hidden_dim, config.num_layers
    )
    config = configs.preset("classifier", "default")
    classifier = ActionClassifier(
        PoseFeatures(vae=vae),
        NUM_ACTIONS,
        filters=config.filters,
        num_convs=config.num_convs,
        units=config.units,
        num_lstms=config.num_lstms,
    )
    names = [f"action {k}" for k in range(NUM_ACTIONS)]
    saved_model.export_classifier(classifier, folder / "classifier", names)
    generator = PoseGenerator(
        PoseFeatures(PoseTransform(SKELETON)),
        configs.preset("generator", "default").units,
    )
    saved_model.export_generator(generator, folder / "generator")


def _percentiles(function):
    """Milliseconds of the 50th and 99th percentile of many calls."""
    function()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function()
        times.append(1e3 * (time.perf_counter() - start))
    return np.percentile(times, [50, 99])


def _classify(saved, poses, visibility):
    signature = saved.signatures["classify"]
    num_frames = tf.constant([NUM_FRAMES])
    return lambda: signature(
        poses=poses, visibility=visibility, num_frames=num_frames
    )["probabilities"].numpy()


def _step(saved, endpoint, output, poses, visibility):
    signature = saved.signatures[endpoint]
    start = saved.signatures["initial_state"](batch_size=tf.constant(1))
    frame = {"pose": poses[:, 0], "visibility": visibility[:, 0]}
    return lambda: signature(**{**start, **frame})[output].numpy()


def _torch(num_layers, units, num_frames, num_outputs):
    """A forward pass of torch's LSTMs, with a state, as a stream has one."""
    width = configs.preset("vae", "default").latent_dim
    lstm = torch.nn.LSTM(width, units, num_layers, batch_first=True)
    head = torch.nn.Linear(units, num_outputs)
    inputs = torch.zeros(1, num_frames, width)
    state = (torch.zeros(num_layers, 1, units),) * 2

    def forward():
        with torch.no_grad():
            return head(lstm(inputs, state)[0]).numpy()

    return forward


def rows():
    """p50 and p99, in a process that serves one request at a time."""
    rng = np.random.default_rng(0)
    shape = (1, NUM_FRAMES, 13, 2)
    poses = tf.constant(rng.uniform(0, 400, shape), tf.float32)
    visibility = tf.constant(rng.random(shape[:3]) < 0.8)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        _export(folder)
        classifier = tf.saved_model.load(folder / "classifier")
        generator = tf.saved_model.load(folder / "generator")
    classifying = configs.preset("classifier", "default")
    units = classifying.units
    layers = classifying.num_lstms
    generating = configs.preset("generator", "default").units
    pairs = {
        f"`classify`, one clip of {NUM_FRAMES} frames": (
            _classify(classifier, poses, visibility),
            _torch(layers, units, NUM_FRAMES, NUM_ACTIONS),
        ),
        "`classify_step`, one frame": (
            _step(
                classifier, "classify_step", "probabilities", poses, visibility
            ),
            _torch(layers, units, 1, NUM_ACTIONS),
        ),
        "`generate_step`, one frame": (
            _step(generator, "generate_step", "pose", poses, visibility),
            _torch(1, generating, 1, shape[2] * shape[3]),
        ),
    }
    rows = []
    for what, pair in pairs.items():
        ours, theirs = map(_percentiles, pair)
        rows.append(
            Row(
                what=what,
                value=f"p50 {ours[0]:.1f} ms, p99 {ours[1]:.1f} ms",
                peer=f"torch p50 {theirs[0]:.1f} ms, p99 {theirs[1]:.1f} ms",
                ratio=f"{ours[0] / theirs[0]:.1f} (p50)",
            )
        )
    return rows
