"""Exports in a process that can import neither pose_tf nor TFP."""

import functools
import itertools
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models.classifier import ActionClassifier
from pose_tf.models.clip_classifier import ClipClassifier
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import PoseGenerator
from pose_tf.models.learned_motion_vae import LearnedMotionVAE
from pose_tf.models.motion_embedder import LearnedEmbedder, MotionEmbedder
from pose_tf.models.motion_features import MotionFeatures
from pose_tf.models.motion_vae import MotionVAE
from pose_tf.models.stream_classifier import StreamClassifier
from pose_tf.models.vae import PoseVAE
from pose_tf.pose.transform import PoseTransform
from pose_tf.serving import saved_model
from tests.support import bare_process

SCRIPT = pathlib.Path(__file__).parents[1] / "support" / "bare_process.py"
ACTIONS = ("bowl", "squat", "jump_rope")
J, D, Z, C = 13, 2, 4, len(ACTIONS)
K, H = 2, 5  # As bare_process.py has them.
CLASSIFIERS = ("classifier", "clip_classifier", "stream_classifier")
MOTION_VAES = ("motion_vae", "learned_motion_vae")
STREAMS = ("classifier", "stream_classifier", "generator")
BATCH_SIZES, LENGTHS = (1, 7), (1, 9, 24)


# Of training clips, by the classifier of whole clips.
EMBEDDINGS = np.random.default_rng(0).normal(size=(20, 32)).astype(np.float32)


@pytest.fixture(scope="module")
def clips():
    """Seven clips of 24 frames: random walks, a third unseen, one nearly."""
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 2, (7, 24, J, D)).cumsum(1)
    poses = rng.uniform(100, 300, (7, 1, J, D)) + steps
    visibility = rng.uniform(size=(7, 24, J)) > 0.3
    visibility[5] = np.arange(J) == 3
    return {"poses": poses.astype(np.float32), "visibility": visibility}


def vae():
    return PoseVAE("penn_action", latent_dim=Z, hidden_dim=16)


def motion():
    return MotionFeatures("penn_action", 16)


def motion_vae():
    model = MotionVAE(
        "penn_action",
        latent_dim=Z,
        num_frames=16,
        num_features=84,
        num_components=8,
    )
    rng = np.random.default_rng(0)
    model.adapt(rng.normal(size=(20, 16, 28)).astype(np.float32))
    model.set_references(rng.normal(size=(20, Z)))
    return MotionEmbedder(model)


def learned_motion_vae():
    sizes = {"num_frames": 16, "num_features": 84, "num_components": 8}
    model = LearnedMotionVAE("penn_action", Z, filters=8, units=8, **sizes)
    model.set_references(np.random.default_rng(0).normal(size=(20, Z)))
    return LearnedEmbedder(model)


def models_of(features):
    """Models of features of poses, untrained: weights do not matter here."""
    return {
        "classifier": ActionClassifier(features(), C, filters=8, units=8),
        "generator": PoseGenerator(features(), C, units=8, hidden_units=8),
    }


def other_models():
    small = {"filters": 8, "units": 8}
    return {
        "vae": vae(),
        "motion_vae": motion_vae(),
        "learned_motion_vae": learned_motion_vae(),
        "clip_classifier": ClipClassifier(motion(), C, **small),
        "stream_classifier": StreamClassifier(motion(), C, **small),
    }


FEATURES = {
    "raw": lambda: PoseFeatures(PoseTransform("penn_action")),
    "embedding": lambda: PoseFeatures(vae=vae()),
}


def export(name, model, path):
    if name == "vae":
        saved_model.export_vae(model, path)
    elif name in MOTION_VAES:
        saved_model.export_motion_vae(model, path)
    elif name in CLASSIFIERS:
        embeddings = EMBEDDINGS if name == "clip_classifier" else None
        saved_model.export_classifier(model, path, ACTIONS, embeddings)
    else:
        saved_model.export_generator(model, path)


@pytest.fixture(scope="module", params=FEATURES)
def exported(request, clips, tmp_path_factory):
    """Models, and what a bare process got from their exports.

    All of them once, and those of features of poses with both kinds of these.
    """
    folder = tmp_path_factory.mktemp("exports")
    np.savez(folder / "clips.npz", **clips)
    tf.keras.utils.set_random_seed(0)
    kinds = models_of(FEATURES[request.param])
    if request.param == "raw":
        kinds |= other_models()
    for name, model in kinds.items():
        export(name, model, folder / name)
    subprocess.run(
        [sys.executable, SCRIPT, "clips.npz", *kinds], check=True, cwd=folder
    )
    return kinds, {k: dict(np.load(folder / f"{k}.npz")) for k in kinds}


# The shapes of DESIGN's table, for B clips of T frames.
SHAPES = {
    "vae": {
        "embed/mean": "BTZ",
        "embed/stddev": "BTZ",
        "embed/root": "BTD",
        "embed/scale": "BT",
        "embed_clip/mean": "BTZ",
        "embed_clip/stddev": "BTZ",
        "embed_clip/root": "BTD",
        "embed_clip/scale": "B",
        "decode/poses": "BTJD",
        "decode/visibility": "BTJ",
        "reconstruct/poses": "BTJD",
        "reconstruct/visibility": "BTJ",
        "sample/poses": "KJD",
    },
    **{
        name: {
            "embed_motion/mean": "BZ",
            "embed_motion/stddev": "BZ",
            "embed_motion/novelty": "B",
        }
        for name in MOTION_VAES
    },
    "classifier": {"classify/probabilities": "BC"},
    "clip_classifier": {
        "classify/probabilities": "BC",
        "classify/novelty": "B",
    },
    "stream_classifier": {
        "classify/probabilities": "BC",
        "classify_frames/probabilities": "BTC",
    },
    "generator": {
        "generate/poses": "BKHJD",
        "generate/visibility": "BKHJ",
        "generate/log_prob": "BK",
    },
}


def test_outputs_are_those_of_the_contract(exported):
    for kind, outputs in exported[1].items():
        check_outputs(kind, outputs)


def check_outputs(kind, outputs):
    streams = ("initial_state", "classify_step", "generate_step")
    for batch_size in BATCH_SIZES:
        for length in LENGTHS:
            sizes = {"B": batch_size, "T": length, "J": J, "D": D, "Z": Z}
            sizes |= {"C": C, "K": K, "H": H}
            got = {}
            for key, value in outputs.items():
                endpoint, b, t, name = key.split("/")
                if endpoint not in streams and (b, t) == (
                    str(batch_size),
                    str(length),
                ):
                    got[f"{endpoint}/{name}"] = value.shape
                assert np.isfinite(value).all(), key
            assert got == {
                key: tuple(sizes[axis] for axis in axes)
                for key, axes in SHAPES[kind].items()
            }


def same(bare, ours):
    assert set(bare) == set(ours)
    for name, value in ours.items():
        np.testing.assert_allclose(
            bare[name], value.numpy(), rtol=1e-4, atol=1e-4, err_msg=name
        )


def bare_outputs(exported, kind, endpoint, batch_size, length):
    start = f"{endpoint}/{batch_size}/{length}/"
    return {
        key.removeprefix(start): value
        for key, value in exported[1][kind].items()
        if key.startswith(start)
    }


def classified(model, *clips):
    """What an export's `classify` should give."""
    outputs = model.classify(*clips)
    if "embedding" in outputs:
        outputs["novelty"] = saved_model.novelty_of(EMBEDDINGS)(
            outputs.pop("embedding")
        )
    return outputs


@pytest.mark.parametrize("batch_size", BATCH_SIZES)
@pytest.mark.parametrize("length", LENGTHS)
def test_numbers_are_those_of_the_model(exported, clips, batch_size, length):
    kinds, _ = exported
    poses = tf.constant(clips["poses"][:batch_size, :length])
    visibility = tf.constant(clips["visibility"][:batch_size, :length])
    num_frames = tf.fill([batch_size], length)
    for kind, model in kinds.items():
        for endpoint, call in whole_clips(kind, model).items():
            ours = call(poses, visibility, num_frames)
            same(
                bare_outputs(exported, kind, endpoint, batch_size, length), ours
            )


def whole_clips(kind, model):
    """What endpoints of whole clips should give, functions by name."""
    if kind == "vae":
        return {
            "embed": lambda *clips: model.embed(*clips[:2]),
            "embed_clip": lambda *clips: model.embed_clip(*clips[:2]),
            "reconstruct": lambda *clips: model.reconstruct(*clips[:2]),
        }
    if kind in MOTION_VAES:
        return {"embed_motion": model.embed_motion}
    if kind == "generator":
        options = H, K, tf.constant(0.0), tf.constant([3, 4])
        return {"generate": lambda *clips: model.generate(*clips[:2], *options)}
    calls = {"classify": functools.partial(classified, model)}
    if kind == "stream_classifier":
        calls["classify_frames"] = model.classify_frames
    return calls


@pytest.mark.parametrize("length", LENGTHS)
def test_a_stream_ends_where_the_whole_clip_does(exported, length):
    for kind in exported[0].keys() & {"classifier", "stream_classifier"}:
        endpoint = {"classifier": "classify"}.get(kind, "classify_frames")
        step = bare_outputs(exported, kind, "classify_step", 7, length)
        whole = bare_outputs(exported, kind, endpoint, 7, length)
        whole = whole["probabilities"].reshape(7, -1, C)[:, -1]
        np.testing.assert_allclose(
            step["probabilities"], whole, rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("length", LENGTHS)
def test_one_step_is_the_first_of_a_rollout(exported, length):
    step = bare_outputs(exported, "generator", "generate_step", 7, length)
    rollout = bare_outputs(exported, "generator", "generate", 7, length)
    np.testing.assert_allclose(
        step["pose"], rollout["poses"][:, 0, 0], rtol=1e-4, atol=1e-2
    )


def test_the_state_of_a_stream_keeps_its_names_and_shapes(exported):
    for kind, batch_size in itertools.product(STREAMS, BATCH_SIZES):
        if kind not in exported[0]:
            continue
        endpoint = "generate" if kind == "generator" else "classify"
        start = bare_outputs(exported, kind, "initial_state", batch_size, 9)
        after = bare_outputs(exported, kind, f"{endpoint}_step", batch_size, 9)
        assert start
        for name, value in start.items():
            assert after[name].shape == value.shape
            assert after[name].dtype == value.dtype


def test_all_samples_are_the_one_prediction_at_temperature_0(exported):
    poses = bare_outputs(exported, "generator", "generate", 7, 9)["poses"]
    np.testing.assert_array_equal(poses[:, 0], poses[:, 1])


@pytest.mark.parametrize("exported", ["raw"], indirect=True)
def test_reconstruct_is_embed_and_decode(exported):
    for length in LENGTHS:
        decoded = bare_outputs(exported, "vae", "decode", 7, length)
        again = bare_outputs(exported, "vae", "reconstruct", 7, length)
        for name, value in decoded.items():
            np.testing.assert_allclose(again[name], value, atol=1e-2)


@pytest.mark.parametrize("name", bare_process.BLOCKED)
def test_the_script_blocks_what_it_says(name):
    blocker = bare_process.Blocker()
    for module in (name, f"{name}.models"):
        with pytest.raises(ImportError, match="is blocked"):
            blocker.find_spec(module)
    assert blocker.find_spec(f"{name}_of_another_kind") is None
