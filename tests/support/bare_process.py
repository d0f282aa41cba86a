"""Calls every endpoint of SavedModels with only TensorFlow; a script.

    python tests/support/bare_process.py CLIPS.npz SAVED_MODEL...

CLIPS.npz holds `poses` [7, T, J, D] and `visibility` [7, T, J]. Outputs are
written to SAVED_MODEL.npz, as `endpoint/batch_size/num_frames/name`.
"""

import sys

BLOCKED = ("pose_tf", "tensorflow_probability", "tf_keras")
BATCH_SIZES = (1, 7)
LENGTHS = (1, 9, 24)
NUM_SAMPLES, HORIZON, SEED = 2, 5, (3, 4)


class Blocker:
    """Lets nothing of ours, nor TFP, be imported."""

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ImportError(f"{name} is blocked")


if __name__ == "__main__":  # Not where pytest looks for doctests.
    sys.meta_path.insert(0, Blocker())

import numpy as np
import tensorflow as tf


def call(saved, endpoint, **inputs):
    """Calls a signature with what it takes of the inputs."""
    signature = saved.signatures[endpoint]
    specs = signature.structured_input_signature[1]
    tensors = {k: tf.constant(inputs[k], specs[k].dtype) for k in specs}
    return {k: v.numpy() for k, v in signature(**tensors).items()}


def call_all(saved, poses, visibility):
    """Outputs of every endpoint for a batch: dict of dicts."""
    batch_size, num_frames = visibility.shape[:2]
    inputs = {
        "poses": poses,
        "visibility": visibility,
        "num_frames": [num_frames] * batch_size,
        "horizon": HORIZON,
        "num_samples": NUM_SAMPLES,
        "temperature": 0.0,
        "seed": SEED,
        "batch_size": batch_size,
    }
    outputs = {}
    for endpoint in ("embed", "embed_clip", "decode", "reconstruct", "sample"):
        if endpoint in saved.signatures:
            embedded = outputs.get("embed_clip", {})
            z = {"z": embedded["mean"]} if embedded else {}
            given = {**inputs, **embedded, **z}
            outputs[endpoint] = call(saved, endpoint, **given)
    for endpoint in (
        "embed_motion",
        "classify",
        "classify_frames",
        "generate",
        "initial_state",
    ):
        if endpoint in saved.signatures:
            outputs[endpoint] = call(saved, endpoint, **inputs)
    for endpoint in ("classify_step", "generate_step"):
        if endpoint in saved.signatures:
            after = outputs["initial_state"]
            for t in range(num_frames):
                frame = {"pose": poses[:, t], "visibility": visibility[:, t]}
                # A generator also gives a visibility: the frame's own counts.
                after = call(saved, endpoint, **{**after, **frame})
            outputs[endpoint] = after
    if missing := set(saved.signatures) - set(outputs):
        raise SystemExit(f"Endpoints that nothing called: {missing}")
    return outputs


def outputs_of(model, clips):
    """Outputs of all endpoints for all batch sizes and lengths."""
    saved = tf.saved_model.load(model)
    arrays = {}
    for batch_size in BATCH_SIZES:
        for length in LENGTHS:
            cut = (slice(batch_size), slice(length))
            results = call_all(
                saved, clips["poses"][cut], clips["visibility"][cut]
            )
            for endpoint, values in results.items():
                for name, value in values.items():
                    key = f"{endpoint}/{batch_size}/{length}/{name}"
                    arrays[key] = value
    return arrays


def main(clips, *models):
    clips = dict(np.load(clips))
    for model in models:
        np.savez(f"{model}.npz", **outputs_of(model, clips))
    imported = [name for name in BLOCKED if name in sys.modules]
    sys.exit(f"Imported after all: {imported}" if imported else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
