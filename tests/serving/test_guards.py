"""Endpoints guard themselves: raw signatures, given what no answer fits."""

import numpy as np
import pytest
import tensorflow as tf

from pose_tf.models.classifier import ActionClassifier
from pose_tf.models.features import PoseFeatures
from pose_tf.models.generator import PoseGenerator
from pose_tf.models.motion_features import MotionFeatures
from pose_tf.models.stream_classifier import StreamClassifier
from pose_tf.models.vae import PoseVAE
from pose_tf.pose import clip
from pose_tf.pose.transform import PoseTransform
from pose_tf.serving import saved_model

B, T, J, D, Z = 3, 6, 13, 2, 4
WILD = (np.nan, np.inf, -np.inf, 1e20, -2 * clip.MAX_COORDINATE)
# Endpoints of whole clips, and the model whose they are.
OF_CLIPS = {
    "embed": "vae",
    "embed_clip": "vae",
    "reconstruct": "vae",
    "classify": "classifier",
    "classify_frames": "live",
    "generate": "generator",
}
STEPS = {"classify_step": "classifier", "generate_step": "generator"}
OPTIONS = {
    "num_frames": [T] * B,
    "horizon": 4,
    "num_samples": 2,
    "temperature": 0.5,
    "seed": [0, 1],
}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Exports of small models, loaded with only TensorFlow."""
    folder = tmp_path_factory.mktemp("exports")
    tf.keras.utils.set_random_seed(0)
    features = PoseFeatures(PoseTransform("penn_action", use_occluded=True))
    vae = PoseVAE("penn_action", latent_dim=Z, hidden_dim=8, use_occluded=True)
    classifier = ActionClassifier(features, 3, filters=8, units=8)
    live = StreamClassifier(
        MotionFeatures("penn_action", 16), 3, filters=8, units=8
    )
    generator = PoseGenerator(features, 3, units=8, hidden_units=8)
    saved_model.export_classifier(live, folder / "live", "abc")
    saved_model.export_vae(vae, folder / "vae")
    saved_model.export_classifier(classifier, folder / "classifier", "abc")
    saved_model.export_generator(generator, folder / "generator")
    return {
        kind: tf.saved_model.load(str(folder / kind))
        for kind in ("vae", "classifier", "live", "generator")
    }


@pytest.fixture
def clips():
    """Poses [B, T, J, D], visibility [B, T, J]."""
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 5, (B, T, J, D)).cumsum(1)
    poses = rng.uniform(100, 300, (B, 1, J, D)) + steps
    return poses.astype(np.float32), rng.random((B, T, J)) < 0.9


def call(models, kind, endpoint, **inputs):
    signature = models[kind].signatures[endpoint]
    specs = signature.structured_input_signature[1]
    given = {**OPTIONS, **inputs}
    tensors = {k: tf.constant(given[k], specs[k].dtype) for k in specs}
    return {k: v.numpy() for k, v in signature(**tensors).items()}


def answer(models, endpoint, clips, **inputs):
    poses, visibility = clips
    inputs = {"poses": poses, "visibility": visibility, **inputs}
    return call(models, OF_CLIPS[endpoint], endpoint, **inputs)


def assert_nan_for_one_alone(outputs, expected, one):
    for name, value in outputs.items():
        assert np.isnan(value[one]).all(), name
        np.testing.assert_array_equal(
            np.delete(value, one, 0), np.delete(expected[name], one, 0)
        )
        assert np.isfinite(expected[name]).all(), name


@pytest.mark.parametrize("endpoint", OF_CLIPS)
@pytest.mark.parametrize("bad", WILD)
def test_a_wild_joint_gives_nan_for_its_clip_alone(
    models, clips, endpoint, bad
):
    poses, visibility = clips
    expected = answer(models, endpoint, clips)
    poses[1, 3, 4, 0], visibility[1, 3, 4] = bad, True
    outputs = answer(models, endpoint, (poses, visibility))
    assert_nan_for_one_alone(outputs, expected, 1)


@pytest.mark.parametrize("endpoint", OF_CLIPS)
def test_nobody_visible_gives_nan_for_that_clip_alone(models, clips, endpoint):
    expected = answer(models, endpoint, clips)
    clips[1][2] = False
    outputs = answer(models, endpoint, clips)
    assert_nan_for_one_alone(outputs, expected, 2)


@pytest.mark.parametrize("endpoint", OF_CLIPS)
@pytest.mark.parametrize("bad", WILD)
def test_an_invisible_wild_joint_is_missing(models, clips, endpoint, bad):
    poses, visibility = clips
    visibility[1, 3, 4] = False
    poses[1, 3, 4] = np.nan
    expected = answer(models, endpoint, clips)
    poses[1, 3, 4, 0] = bad
    outputs = answer(models, endpoint, clips)
    for name, value in outputs.items():
        np.testing.assert_array_equal(value, expected[name])
        assert np.isfinite(value).all(), name


@pytest.mark.parametrize("bad", WILD)
def test_padding_is_never_looked_at(models, clips, bad):
    poses, visibility = clips
    cut = {"num_frames": [T, 3, T]}
    expected = answer(models, "classify", clips, **cut)
    poses[1, 3:], visibility[1, 3:] = bad, True
    outputs = answer(models, "classify", clips, **cut)["probabilities"]
    np.testing.assert_array_equal(outputs, expected["probabilities"])
    assert np.isfinite(outputs).all()


def stream(models, endpoint, poses, visibility):
    """Answers to each frame of a stream, `[T, B, ...]`, and the last state."""
    kind = STEPS[endpoint]
    state = call(models, kind, "initial_state", batch_size=len(poses))
    answers = []
    for t in range(poses.shape[1]):
        outputs = call(
            models, kind, endpoint,
            **{**state, "pose": poses[:, t], "visibility": visibility[:, t]},
        )  # fmt: skip
        after = {name: outputs.pop(name) for name in state}
        state = after
        answers.append(outputs)
    names = answers[0]
    return {n: np.stack([a[n] for a in answers]) for n in names}, state


@pytest.mark.parametrize("endpoint", STEPS)
@pytest.mark.parametrize("bad", WILD)
def test_a_wild_frame_has_no_answer_and_leaves_the_stream_as_it_was(
    models, clips, endpoint, bad
):
    poses, visibility = clips
    visibility[1] = True
    without = [np.delete(array, 3, 1) for array in (poses, visibility)]
    expected, last = stream(models, endpoint, *without)
    poses[1, 3, 4, 0] = bad
    answers, after = stream(models, endpoint, poses, visibility)
    for name, value in answers.items():
        assert np.isnan(value[3, 1]).all()
        assert np.isfinite(value[:, [0, 2]]).all()
        np.testing.assert_array_equal(
            np.delete(value, 3, 0)[:, 1], expected[name][:, 1]
        )
    for name, value in after.items():
        np.testing.assert_array_equal(value[1], last[name][1])


@pytest.mark.parametrize("endpoint", STEPS)
def test_a_stream_has_no_answer_before_anybody_is_visible(
    models, clips, endpoint
):
    clips[1][1, :2] = False
    answers, _ = stream(models, endpoint, *clips)
    for value in answers.values():
        assert np.isnan(value[:2, 1]).all()
        assert np.isfinite(value[2:]).all() and np.isfinite(value[:, 0]).all()


@pytest.mark.parametrize(
    "endpoint, inputs, message",
    [
        ("classify", {"num_frames": [T, 0, T]}, "`num_frames` must be between"),
        ("classify", {"num_frames": [T, T + 1, 1]}, "`num_frames` must be bet"),
        ("classify", {"num_frames": [T]}, "`num_frames` must have the shape"),
        ("generate", {"horizon": 0}, r"`horizon` must be at least 1.*\[0\]"),
        ("generate", {"horizon": -2}, r"`horizon` must be at least 1.*\[-2\]"),
        ("generate", {"num_samples": 0}, "`num_samples` must be at least 1"),
        ("generate", {"temperature": -0.5}, "`temperature` must be finite"),
        ("generate", {"temperature": np.nan}, "`temperature` must be .*nan"),
        ("generate", {"temperature": np.inf}, "`temperature` must be .*inf"),
    ],
)
def test_a_call_that_makes_no_sense_fails_in_our_words(
    models, clips, endpoint, inputs, message
):
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        answer(models, endpoint, clips, **inputs)


@pytest.mark.parametrize("endpoint", OF_CLIPS)
def test_no_frame_and_no_clip_fail_in_our_words(models, clips, endpoint):
    message = "`poses` must have at least 1 clip and 1 frame"
    for empty in ([a[:, :0] for a in clips], [a[:0] for a in clips]):
        with pytest.raises(tf.errors.InvalidArgumentError, match=message):
            answer(models, endpoint, empty)


@pytest.mark.parametrize("endpoint", OF_CLIPS)
def test_visibility_of_other_frames_fails_in_our_words(models, clips, endpoint):
    poses, visibility = clips
    for other in (visibility[:1], visibility[:, :1]):
        with pytest.raises(
            tf.errors.InvalidArgumentError,
            match="`visibility` must have the shape of the poses",
        ):
            answer(models, endpoint, (poses, other))


def latents(**changes):
    return {
        "z": np.zeros((B, T, Z), np.float32),
        "root": np.full((B, T, D), 50, np.float32),
        "scale": np.full((B, T), 60, np.float32),
        **changes,
    }


@pytest.mark.parametrize("shape", [(B,), (B, T)])
def test_decode_takes_a_scale_per_clip_or_per_frame(models, shape):
    given = latents(scale=np.full(shape, 60, np.float32))
    poses = call(models, "vae", "decode", **given)["poses"]
    assert poses.shape == (B, T, J, D) and np.isfinite(poses).all()


@pytest.mark.parametrize(
    "name, bad, message",
    [
        ("z", np.nan, r"`z` must be finite .*\[nan\]"),
        ("z", 1e20, r"`z` must be finite and between -10000 and 10000"),
        ("root", np.nan, "`root` must be finite"),
        ("root", 1e20, "`root` must be finite"),
        ("scale", 0, r"`scale` must be finite and between 0 \(excluded\)"),
        ("scale", -60, "`scale` must be finite"),
        ("scale", np.nan, "`scale` must be finite"),
        ("scale", np.inf, "`scale` must be finite"),
    ],
)
def test_latents_beyond_reason_fail_in_our_words(models, name, bad, message):
    given = latents()
    given[name][1, 2] = bad
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        call(models, "vae", "decode", **given)


def test_latents_that_do_not_fit_each_other_fail_in_our_words(models):
    for name, value in latents().items():
        if name != "z":
            with pytest.raises(
                tf.errors.InvalidArgumentError, match=f"`{name}` must have the"
            ):
                call(models, "vae", "decode", **latents(**{name: value[:, :2]}))


def test_counts_of_the_other_endpoints_fail_in_our_words(models):
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="`num_samples` must be at least 1"
    ):
        call(models, "vae", "sample", num_samples=0)
    for kind in ("classifier", "generator"):
        with pytest.raises(
            tf.errors.InvalidArgumentError, match="`batch_size` must be at le"
        ):
            call(models, kind, "initial_state", batch_size=0)


def test_the_first_future_of_three_is_that_of_one_wherever_it_lies(
    models, clips
):
    three = answer(models, "generate", clips, num_samples=3)
    for i in range(B):
        alone = [array[i : i + 1] for array in clips]
        one = answer(models, "generate", alone, num_samples=1)
        for name, value in one.items():
            np.testing.assert_allclose(
                three[name][i, :1], value[0], rtol=1e-4, atol=1e-3
            )


def test_ten_identical_frames_go_on_as_they_are(models, clips):
    still = [np.repeat(array[:, :1], 10, 1) for array in clips]
    future = answer(models, "generate", still, horizon=60, temperature=0)
    moved = np.abs(future["poses"] - still[0][:, None, -1:])
    assert (
        moved[np.repeat(still[1][:, None, -1:], 60, 2)[:, [0, 0]]].max() < 0.1
    )
