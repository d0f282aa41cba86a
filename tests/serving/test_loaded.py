"""Loading exports: over small SavedModels whose numbers are known."""

import dataclasses
import shutil
import subprocess
import sys

import hypothesis
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st

from pose_tf.pose import clip as clips
from pose_tf.pose import skeletons
from pose_tf.serving import loaded
from tests.support import fake_models

PENN = skeletons.PENN_ACTION
J, D = 13, 2


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """A folder with `vae`, `classifier` and `generator`."""
    folder = tmp_path_factory.mktemp("exports")
    joints = PENN.joints
    fake_models.save(fake_models.FakeVAE(), folder / "vae", joints)
    fake_models.save(
        fake_models.FakeClassifier(),
        folder / "classifier",
        joints,
        ["bowl", "squat"],
    )
    fake_models.save(fake_models.FakeGenerator(), folder / "generator", joints)
    return folder


@pytest.fixture(scope="module")
def vae(exports):
    return loaded.load(exports / "vae")


@pytest.fixture(scope="module")
def classifier(exports):
    return loaded.load(exports / "classifier")


@pytest.fixture(scope="module")
def generator(exports):
    return loaded.load(str(exports / "generator"))


def clip(num_frames=3, seed=0):
    """Poses [T, J, D], 0 where hidden, and visibility [T, J]."""
    rng = np.random.default_rng(seed)
    poses = rng.uniform(0, 99, (num_frames, J, D)).astype(np.float32)
    visible = rng.random((num_frames, J)) < 0.7
    return np.where(visible[..., None], poses, np.float32(0)), visible


def test_load_distinguishes_the_kinds_and_reads_joints_and_actions(
    vae, classifier, generator
):
    assert isinstance(vae, loaded.LoadedVAE) and vae.latent_dim == 2
    assert isinstance(classifier, loaded.LoadedClassifier)
    assert classifier.actions == ("bowl", "squat")
    assert isinstance(generator, loaded.LoadedGenerator)
    assert generator.joints == PENN.joints and generator.skeleton is PENN


def test_load_finds_the_highest_version_and_a_workdir(exports, tmp_path):
    shutil.copytree(exports / "vae", tmp_path / "served" / "9")
    shutil.copytree(exports / "classifier", tmp_path / "served" / "10")
    (tmp_path / "served" / "11").mkdir()  # Not a SavedModel: passed over.
    model = loaded.load(tmp_path / "served")
    assert model.path == tmp_path / "served" / "10"
    shutil.copytree(exports / "vae", tmp_path / "run" / "saved_model")
    assert isinstance(loaded.load(tmp_path / "run"), loaded.LoadedVAE)


def test_load_needs_no_model_code(exports):
    code = (
        "import sys\n"
        "from pose_tf.serving import loaded\n"
        f"loaded.load({str(exports / 'vae')!r})\n"
        "print([name for name in sys.modules\n"
        "    if 'tensorflow_probability' in name or 'pose_tf.models' in name])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_weights_outlive_the_loading_scope(exports):
    model = loaded.load(exports / "vae")
    assert model.embed(*clip())["mean"].shape == (3, 2)


def test_load_checks_the_skeleton(exports, tmp_path):
    path = exports / "vae"
    assert loaded.load(path, skeleton="penn_action").skeleton is PENN
    assert loaded.load(path, skeleton=PENN).skeleton is PENN
    names = [f"marker_{j}" for j in range(J)]
    other = fake_models.save(fake_models.FakeVAE(), tmp_path / "other", names)
    with pytest.raises(
        ValueError, match=r"`path` must .*'penn_action'.* Received: .*marker_0"
    ):
        loaded.load(other, skeleton=PENN)
    with pytest.raises(ValueError, match="`skeleton` must be one of"):
        loaded.load(path, skeleton="octopus")
    model = loaded.load(other)
    assert model.skeleton.joints == tuple(names) and not model.skeleton.bones


def test_load_says_what_is_wrong_with_the_path(exports, tmp_path):
    with pytest.raises(FileNotFoundError, match="`path` must exist. Received"):
        loaded.load(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no saved_model.pb is there. Rec"):
        loaded.load(tmp_path)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "saved_model.pb").write_bytes(b"not a protocol buffer")
    with pytest.raises(ValueError, match="TensorFlow can read. Received: .*br"):
        loaded.load(broken)
    torn = shutil.copytree(exports / "vae", tmp_path / "torn")
    shutil.rmtree(torn / "variables")
    with pytest.raises(ValueError, match="TensorFlow can read. Received: .*to"):
        loaded.load(torn)
    tf.saved_model.save(tf.Module(), str(tmp_path / "foreign"))
    with pytest.raises(ValueError, match="assets/kind.txt. Received: .*forei"):
        loaded.load(tmp_path / "foreign")
    assets = tmp_path / "foreign" / "assets"
    assets.mkdir(exist_ok=True)
    (assets / "kind.txt").write_text("crystal ball\n")
    with pytest.raises(
        ValueError, match="vae, classifier, generator.*'crystal"
    ):
        loaded.load(tmp_path / "foreign")
    (assets / "kind.txt").write_text("vae\n")
    with pytest.raises(ValueError, match="endpoint 'embed', as its kind is"):
        loaded.load(tmp_path / "foreign")
    bare = shutil.copytree(exports / "classifier", tmp_path / "bare")
    (bare / "assets" / "actions.txt").unlink()
    with pytest.raises(ValueError, match="assets/actions.txt. Received: .*ba"):
        loaded.load(bare)


@pytest.mark.parametrize(
    "asset, change, received",
    [
        ("actions", lambda names: names[:1], "with 1 names: bowl"),
        (
            "actions",
            lambda names: [*names, "jump"],
            "with 3 names: bowl, squat",
        ),
        ("actions", lambda names: names[:1] * 2, "with 2 names: bowl, bowl"),
        ("joints", lambda names: names[:-1], "with 12 names: head"),
        ("joints", lambda names: [*names, "tail"], "with 14 names: head"),
    ],
)
def test_names_that_do_not_fit_the_model(
    exports, asset, change, received, tmp_path
):
    model = shutil.copytree(exports / "classifier", tmp_path / "model")
    file = model / "assets" / f"{asset}.txt"
    file.write_text("\n".join(change(file.read_text().splitlines())) + "\n")
    with pytest.raises(ValueError, match=rf"{asset}.txt names .*{received}"):
        loaded.load(model)


def test_embed_and_decode_take_clips_and_batches(vae):
    poses, visibility = clip()
    visibility[:, :2] = True  # The latent and the root.
    frames = vae.embed(poses, visibility)
    np.testing.assert_array_equal(frames["scale"], visibility.sum(-1))
    code = vae.embed_clip(poses, visibility)
    shown = np.where(visibility[..., None], poses, np.nan)
    np.testing.assert_array_equal(code["mean"], shown[:, 0])
    np.testing.assert_array_equal(code["root"], shown[:, 1])
    assert code["scale"] == visibility.sum() and code["scale"].shape == ()
    batch = vae.embed_clip(poses[None], visibility[None])
    for name, value in code.items():
        np.testing.assert_array_equal(batch[name], value[None])
    decoded = vae.decode(code["mean"], code["root"], code["scale"])
    np.testing.assert_array_equal(decoded["poses"][:, 0], code["mean"])
    sized = vae.decode(frames["mean"], frames["root"], frames["scale"])
    np.testing.assert_array_equal(
        sized["poses"][:, 2], np.repeat(visibility.sum(-1)[:, None], D, 1)
    )
    rebuilt = vae.reconstruct(poses, visibility)
    np.testing.assert_array_equal(rebuilt["poses"], decoded["poses"])
    assert rebuilt["visibility"].shape == (3, J)


def test_sample_is_repeatable(vae):
    poses = vae.sample(4, seed=7)
    assert poses.shape == (4, J, D)
    np.testing.assert_array_equal(poses, vae.sample(4, seed=(0, 7)))
    assert not np.array_equal(poses, vae.sample(4, seed=8))


def test_interpolate_goes_straight_through_the_latent(vae):
    pose_a, pose_b = np.full((J, D), 10.0), np.full((J, D), 30.0)
    half = np.arange(J) < 6  # Fake scale: the count of visible joints.
    way = vae.interpolate(pose_a, pose_b, 5, visibility_b=half)
    assert way["visibility"].shape == (5, J)
    np.testing.assert_allclose(way["poses"][:, 0, 0], [10, 15, 20, 25, 30])
    np.testing.assert_allclose(way["poses"][:, 1, 1], [10, 15, 20, 25, 30])
    np.testing.assert_allclose(way["poses"][:, 5, 0], [13, 11.25, 9.5, 7.75, 6])


def test_classify_leaves_padding_out(classifier):
    poses = np.full((4, J, D), 20.0)
    poses[2:] = 90.0
    np.testing.assert_allclose(
        classifier.classify(poses), [0.55, 0.45], rtol=1e-6
    )
    np.testing.assert_allclose(
        classifier.classify(poses, num_frames=2), [0.2, 0.8], rtol=1e-6
    )
    two = classifier.classify(
        np.stack([poses, poses]), num_frames=np.array([2, 4])
    )
    np.testing.assert_allclose(two, [[0.2, 0.8], [0.55, 0.45]], rtol=1e-6)


@hypothesis.settings(max_examples=20)
@hypothesis.given(
    hnp.arrays(bool, (4, J)), st.sampled_from([np.nan, np.inf, -np.inf])
)
def test_what_is_hidden_may_be_anything_that_is_missing(
    classifier, visible, nowhere
):
    hypothesis.assume(visible.any())
    poses, _ = clip(4)
    hidden = np.where(visible[..., None], poses, nowhere)
    zeros = np.where(visible[..., None], poses, 0.0)
    np.testing.assert_array_equal(
        classifier.classify(hidden, visible),
        classifier.classify(zeros, visible),
    )


@pytest.mark.parametrize("unseen", [0, np.nan])
def test_nobody_visible_in_any_frame_is_an_error(
    vae, classifier, generator, unseen
):
    poses = np.full((2, 4, J, D), 20.0)
    poses[1] = unseen
    nobody = np.zeros((2, 4, J), bool)
    for call in (
        vae.embed,
        vae.reconstruct,
        classifier.classify,
        generator.generate,
    ):
        with pytest.raises(ValueError, match="`poses` must have a .* clip 1"):
            call(poses)
        with pytest.raises(ValueError, match="`visibility`.*none in 4 frames"):
            call(poses[0], nobody[0])


def test_somebody_visible_only_in_the_padding_does_not_count(classifier):
    poses = np.full((4, J, D), 20.0)
    poses[:2] = np.nan
    classifier.classify(poses)
    with pytest.raises(ValueError, match="must have a frame with a joint"):
        classifier.classify(poses, num_frames=2)


def test_a_stream_waits_for_somebody(classifier):
    stream = classifier.stream()
    stream.step(np.full((J, D), np.nan))
    stream.step(np.full((J, D), 20.0), np.zeros(J, bool))
    seen = stream.step(np.full((J, D), 20.0))["probabilities"]
    np.testing.assert_allclose(seen, [0.2, 0.8], rtol=1e-6)


def test_without_visibility_what_is_not_finite_is_missing(classifier):
    poses, visible = clip(4)
    holes = np.where(visible[..., None], poses, np.nan)
    np.testing.assert_array_equal(
        classifier.classify(holes), classifier.classify(holes, visible)
    )


def test_integers_and_lists_are_taken(classifier):
    poses = np.arange(2 * J * D).reshape(2, J, D)
    expected = classifier.classify(poses.astype(np.float32))
    for same in (poses.astype(np.uint8), poses.tolist(), tf.constant(poses)):
        np.testing.assert_array_equal(classifier.classify(same), expected)


def test_a_clip_of_a_file_is_taken_with_its_joints_and_rate(classifier):
    """Of x = 0, 1, 4, 9, 16 every second frame is seen: 0, 4, 16."""
    poses = np.ones((5, 17, D), np.float32)
    poses[..., 0] = np.arange(5.0)[:, None] ** 2
    coco = clips.Clip(
        poses=poses,
        visibility=np.ones((5, 17), bool),
        skeleton=skeletons.COCO_17,
        fps=60,
    )
    penn = np.broadcast_to(poses[::2, :1], (3, J, D))
    np.testing.assert_array_equal(
        classifier.classify(coco), classifier.classify(penn)
    )
    unrated = dataclasses.replace(coco, fps=None)
    penn = np.broadcast_to(poses[:, :1], (5, J, D))
    np.testing.assert_array_equal(
        classifier.classify(unrated), classifier.classify(penn)
    )
    with pytest.raises(ValueError, match="`visibility` must not be given"):
        classifier.classify(coco, np.ones((5, 17), bool))


def test_a_stream_ends_where_the_whole_clip_does(classifier):
    poses, visible = clip(6)
    stream = classifier.stream()
    for pose, seen in zip(poses, visible):
        outputs = stream.step(pose, seen)
    assert list(outputs) == ["probabilities"]
    whole = classifier.classify(poses, visible)
    np.testing.assert_allclose(outputs["probabilities"], whole, rtol=1e-5)
    stream.reset()
    again = stream.step(poses[0], visible[0])["probabilities"]
    first = classifier.classify(poses[:1], visible[:1])
    np.testing.assert_allclose(again, first, rtol=1e-5)


def test_streams_of_a_batch_and_of_a_generator(classifier, generator):
    poses, _ = clip(2)
    stream = classifier.stream(batch_size=2)
    assert stream.step(poses)["probabilities"].shape == (2, 2)
    stream = generator.stream()
    stream.step(np.full((J, D), 3.0))
    ahead = stream.step(np.full((J, D), 5.0))
    np.testing.assert_array_equal(ahead["pose"], np.full((J, D), 7.0))
    assert ahead["visibility"].shape == (J,)


def test_generate_continues_clips_and_batches(generator):
    poses, visible = clip()
    future = generator.generate(
        poses, visible, horizon=4, num_samples=2, temperature=0
    )
    assert future["poses"].shape == (2, 4, J, D)
    assert future["visibility"].shape == (2, 4, J)
    assert future["log_prob"].shape == (2,)
    last = np.where(visible[-1][:, None], poses[-1], np.nan)
    np.testing.assert_allclose(future["poses"][1, 3], last + 4, rtol=1e-6)
    batch = generator.generate(np.stack([poses] * 3), horizon=1, seed=5)
    assert batch["poses"].shape == (3, 1, 1, J, D)
    again = generator.generate(np.stack([poses] * 3), horizon=1, seed=5)
    np.testing.assert_array_equal(batch["poses"], again["poses"])


def test_poses_that_do_not_fit(vae, classifier, generator):
    hidden = np.zeros((2, J), bool)
    for method in (vae.embed, classifier.classify, generator.generate):
        with pytest.raises(ValueError, match="model's 13 joints are head, "):
            method(np.ones((3, 17, D)))
        with pytest.raises(ValueError, match=r"`visibility` must be \(3, 13"):
            method(np.ones((3, J, D)), hidden)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"horizon": 0}, "`horizon` must be an integer of at least 1.*d: 0"),
        ({"num_samples": 0}, "`num_samples` must .* at least 1. Received: 0"),
        ({"temperature": -0.5}, "`temperature` must .* Received: -0.5"),
        ({"seed": 0.5}, "`seed` must .* Received: 0.5"),
    ],
)
def test_generate_says_what_is_out_of_range(generator, options, message):
    with pytest.raises(ValueError, match=message):
        generator.generate(*clip(), **options)


def test_classify_says_what_is_wrong_with_num_frames(classifier):
    with pytest.raises(ValueError, match="between 1 and 3.* Received: 4"):
        classifier.classify(*clip(), num_frames=4)


def test_the_vae_says_what_is_wrong(vae):
    pose = np.ones((J, D))
    with pytest.raises(ValueError, match="`num_steps` .* at least 2.*d: 1"):
        vae.interpolate(pose, pose, 1)
    with pytest.raises(ValueError, match=r"`pose_b` must be \(13, 2\).*\(2,"):
        vae.interpolate(pose, pose[:2], 3)
    with pytest.raises(ValueError, match="`num_samples` must .* Received: 0"):
        vae.sample(0)
    z = np.ones((4, 2))
    with pytest.raises(ValueError, match=r"`z` must be \[T, 2\].*\(4, 3\)"):
        vae.decode(np.ones((4, 3)), z, 1.0)
    with pytest.raises(ValueError, match=r"`root` must be \(4, 2\).*\(3, 2\)"):
        vae.decode(z, z[:3], 1.0)
    with pytest.raises(ValueError, match=r"`scale` must be \(\).*\(1,\)"):
        vae.decode(z, z, [1.0])
    pose[3] = 1e20
    with pytest.raises(ValueError, match="^`pose_b` must be finite"):
        vae.interpolate(np.ones((J, D)), pose, 3)


def test_streams_say_what_is_wrong(classifier):
    with pytest.raises(ValueError, match="`batch_size` must .* Received: 0"):
        classifier.stream(batch_size=0)
    with pytest.raises(ValueError, match=r"`pose` must be \(13, 2\).*\(1, 13"):
        classifier.stream().step(np.ones((1, J, D)))
    with pytest.raises(ValueError, match=r"`pose` must be \(2, 13, 2\)"):
        classifier.stream(batch_size=2).step(np.ones((J, D)))
