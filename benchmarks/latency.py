"""How long one clip, or one frame of a stream, takes an exported model.

Models of the default presets, untrained: their weights cost the same.
"""

import pathlib
import tempfile
import time

import numpy as np
import tensorflow as tf

from benchmarks.table import Row
from pose_tf import configs, exports
from pose_tf.models.classifier import ActionClassifier
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import PoseGenerator
from pose_tf.models.vae import PoseVAE
from pose_tf.transform import PoseTransform

SKELETON = "penn_action"
NUM_ACTIONS = 15
NUM_FRAMES = 56  # The median clip of Penn Action.
FRAME_MS = 1000 / 30  # What a stream of 30 frames a second leaves.
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
        conv_dim=config.conv_dim,
        num_convs=config.num_convs,
        lstm_dim=config.lstm_dim,
        num_lstms=config.num_lstms,
    )
    names = [f"action {k}" for k in range(NUM_ACTIONS)]
    exports.export_classifier(classifier, folder / "classifier", names)
    generator = PoseGenerator(
        PoseFeatures(PoseTransform(SKELETON)),
        configs.preset("generator", "default").lstm_dim,
    )
    exports.export_generator(generator, folder / "generator")


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
    functions = {
        f"`classify`, one clip of {NUM_FRAMES} frames": (
            _classify(classifier, poses, visibility)
        ),
        "`classify_step`, one frame": _step(
            classifier, "classify_step", "probabilities", poses, visibility
        ),
        "`generate_step`, one frame": _step(
            generator, "generate_step", "pose", poses, visibility
        ),
    }
    rows = []
    for what, function in functions.items():
        p50, p99 = _percentiles(function)
        whole = NUM_FRAMES if "clip" in what else 1
        lasts = f"{whole * FRAME_MS:.0f} ms"
        rows.append(
            Row(
                what=what,
                value=f"p50 {p50:.1f} ms, p99 {p99:.1f} ms",
                peer=f"what it looks at lasts {lasts} at 30 frames/s",
                ratio=f"{p99 / (whole * FRAME_MS):.3f} (p99)",
            )
        )
    return rows
