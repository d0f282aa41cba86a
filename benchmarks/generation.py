"""Scores the committed generator: predictions, samples, long rollouts.

All of official test clips. Predictions at temperature 0 by the `forecast`
protocol (10 frames seen, 30 predicted), as annotated and as a moderate detector
would have given the prefix, beside zero and constant velocity. Samples at
temperature 1 over 50 frames, of every window of stride 10 that lies wholly
inside its clip, by `motion_health`; who recognizes the action is a ridge classifier of
random convolutions, fitted to real windows of 50 frames of the training clips. Long rollouts of 500
frames go on from the 10 frames before the middle of each clip of an action that
people repeat; their last 100 frames count, and the committed classifier of whole clips
recognizes them.
"""

import os
import tempfile

import numpy as np

from benchmarks.actions import MODELS
from benchmarks.table import Row
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

PREFIX, HORIZON, STRIDE = 10, 30, 5
HEALTH_HORIZON, HEALTH_STRIDE = 50, 10
NUM_SAMPLES = 20
LONG_HORIZON, LAST_FRAMES = 500, 100
LONG_SAMPLES = 8  # Of each prefix: those of one number share their noise.
WHOLE_CLIPS = MODELS / "penn_action_classifier"
BATCH = 256
PENALTY = 1e2  # Of the ridge classifier.
REPEATED = (
    "jump_rope",
    "jumping_jacks",
    "pushup",
    "pullup",
    "squat",
    "situp",
)


def rows(model=MODELS / "penn_action_generator"):
    """Yields rows of predictions, of samples and of long rollouts."""
    if not os.environ.get(MANUAL_DIR_VARIABLE):
        what = "generation"
        yield Row(what=what, value=f"skipped: {MANUAL_DIR_VARIABLE} is not set")
        return
    import pose_tf
    from pose_tf.pipeline import example_gen

    generator = pose_tf.load(model)
    with tempfile.TemporaryDirectory() as folder:
        clips = example_gen.load(
            "penn_action",
            data_dir=folder,
            manual_dir=os.environ.get(MANUAL_DIR_VARIABLE),
        )
        yield from _predictions(generator, clips)
        classify = recognizer(clips)
        yield from _samples(generator, classify, clips)
        classifier = pose_tf.load(WHOLE_CLIPS)
        yield from _long(generator, classifier, clips, told=False)
        if generator.actions:
            yield from _long(generator, classifier, clips, told=True)


def predict(generator, horizon, **options):
    """Returns a function that continues prefixes in which anybody is visible.

    Where nobody is, the last pose is repeated: loaded models refuse such clips.
    """

    def continued(poses, visibility):
        seen = visibility.any((1, 2))
        future = generator.generate(
            poses[seen], visibility[seen], horizon=horizon, **options
        )["poses"]
        held = np.nan_to_num(poses[:, None, -1:])
        shape = (len(poses), *future.shape[1:])
        futures = np.broadcast_to(held, shape).astype(np.float32)
        futures[seen] = future
        return futures[:, 0] if options["temperature"] == 0 else futures

    return continued


def _predictions(generator, clips):
    from pose_tf.evaluation import detection, forecasts
    from pose_tf.models import baselines

    batches = list(_windows(clips, HORIZON, STRIDE))
    ours = predict(generator, HORIZON, temperature=0)
    rng = np.random.default_rng(0)

    def detected(poses, visibility):
        given = [
            detection.detected(*clip, clips.skeleton, detection.MODERATE, rng)
            for clip in zip(poses, visibility)
        ]
        return ours(*(np.stack(arrays) for arrays in zip(*given)))

    def score(function):
        scores = forecasts.evaluate_forecast(function, batches, PREFIX, HORIZON)
        return (
            f"PCK {scores['mean_pck']:.2f} %, "
            f"MPJPE {scores['mean_mpjpe']:.2f} % of the box"
        )

    zero, constant = (
        score(lambda poses, visibility, f=f: f(poses, None, HORIZON))
        for f in (baselines.zero_velocity, baselines.constant_velocity)
    )
    peer = f"zero velocity {zero}; constant velocity {constant}"
    yield Row(
        what=f"prediction of {HORIZON} frames, mean over them",
        value=score(ours),
        peer=peer,
    )
    yield Row(
        what="the same from prefixes of a moderate detector",
        value=score(detected),
        peer="its own from annotations above",
    )


def _windows(clips, horizon, stride):
    from pose_tf.pipeline import windows

    return windows.window_batches(
        clips.test,
        length=PREFIX + horizon,
        stride=stride,
        batch_size=BATCH,
        skeleton=clips.skeleton,
    )


def _samples(generator, classify, clips):
    from pose_tf.evaluation import motion_health
    from pose_tf.models import baselines

    batches = list(_windows(clips, HEALTH_HORIZON, HEALTH_STRIDE))

    def scores(function):
        return motion_health.evaluate(
            function,
            batches,
            clips.skeleton,
            PREFIX,
            HEALTH_HORIZON,
            classify=classify,
        )

    named = {
        "zero velocity": lambda poses, visibility: baselines.zero_velocity(
            poses, None, HEALTH_HORIZON
        ),
        "prediction": predict(generator, HEALTH_HORIZON, temperature=0),
        "samples": predict(
            generator,
            HEALTH_HORIZON,
            temperature=1.0,
            num_samples=NUM_SAMPLES,
        ),
    }
    for name, function in named.items():
        row = scores(function)
        yield Row(
            what=f"{name} over {HEALTH_HORIZON} frames, "
            f"{row['num_windows']} windows",
            value=health(row),
            peer=_real(row),
        )


def _real(scores):
    """Returns what the continuations that were scored really looked like."""
    from pose_tf.evaluation import health_table

    texts = health_table.texts(health_table.real_row(scores))
    shown = [f"{name} {text}" for name, text in texts.items() if "%" in name]
    recognized = f"recognized {scores['real_accuracy']:.1f} %"
    return f"real {', '.join([*shown, recognized])}"


def health(scores):
    """Returns the scores of `motion_health.evaluate` in words."""
    from pose_tf.evaluation import health_table

    energy = scores["lag_energy_ratio"]
    row = health_table.row(scores)
    texts = [
        *(f"{name} {text}" for name, text in health_table.texts(row).items()),
        f"energy {np.nanmin(energy):.2f} to {np.nanmax(energy):.2f}",
        f"seam {scores['seam']:.2f}",
        f"recognized {scores['accuracy']:.1f} %",
        f"ADE / FDE {scores['ade']:.2f} / {scores['fde']:.2f} % of the box",
    ]
    if "calibration" in scores:
        texts.append(
            f"of the best of {NUM_SAMPLES}; of one {scores['single_ade']:.2f}"
            f" %; calibration {scores['calibration']:.2f}"
        )
    return "; ".join(texts)


def recognizer(clips):
    """Returns a classifier of real windows, as `motion_health` takes it.

    It is fitted to all windows of `HEALTH_HORIZON` frames of the training
    clips. Of jumping jacks there is none that long, and none is scored.
    """
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from pose_tf.models.motion_features import MotionFeatures
    from pose_tf.models.random_convolutions import RandomConvolutions
    from pose_tf.pipeline import windows

    features = MotionFeatures(clips.skeleton.name, HEALTH_HORIZON)
    convolutions = RandomConvolutions(HEALTH_HORIZON)

    def sequences(poses, visibility):
        num_frames = np.full(len(poses), poses.shape[1], np.int32)
        return features(poses, visibility, num_frames).numpy()

    batches = list(
        windows.window_batches(
            clips.train,
            length=HEALTH_HORIZON,
            stride=STRIDE,
            batch_size=BATCH,
            skeleton=clips.skeleton,
        )
    )
    seen = [sequences(b["poses"], b["visibility"]) for b in batches]
    convolutions.adapt(np.concatenate(seen))
    model = make_pipeline(StandardScaler(), RidgeClassifier(PENALTY))
    model.fit(
        np.concatenate([convolutions(x).numpy() for x in seen]),
        np.concatenate([b["action"].numpy() for b in batches]),
    )

    def classify(poses, visibility, num_frames):
        del num_frames  # All windows are as long.
        named = model.predict(convolutions(sequences(poses, visibility)))
        return np.eye(len(clips.actions))[named]

    return classify


def _long(generator, classifier, clips, told):
    """Yields a row per action that people repeat, and one of all.

    Args:
        generator: `LoadedGenerator`.
        classifier: `LoadedClassifier` of whole clips.
        clips: `Clips`.
        told: Whether the generator is told the action.
    """
    results: list[tuple] = []
    for action in REPEATED:
        index = clips.actions.index(action)
        chosen = [
            clip
            for clip in clips.test.as_numpy_iterator()
            if clip["action"] == index
        ]
        prefix, seen, boxes, frame_size = (
            np.stack(arrays)
            for arrays in zip(*[_before_the_middle(clip) for clip in chosen])
        )
        futures = predict(
            generator,
            LONG_HORIZON,
            temperature=1.0,
            num_samples=LONG_SAMPLES,
            **({"action": action} if told else {}),
        )(prefix, seen)[:, :, -LAST_FRAMES - 5 :]
        real = np.array([_real_energy(clip) for clip in chosen])
        for k in range(LONG_SAMPLES):
            right = classifier.classify(futures[:, k, 5:]).argmax(1) == index
            measured = _last_frames(futures[:, k], real, boxes, frame_size)
            results.append((*measured, right))
        yield Row(
            what=_long_title(action, len(chosen), told),
            value=_text(results[-LONG_SAMPLES:]),
        )
    total = sum(len(result[0]) for result in results) // LONG_SAMPLES
    yield Row(
        what=_long_title("all of these", total, told), value=_text(results)
    )


def _last_frames(future, real, boxes, frame_size):
    """Returns energy, the real one, stillness and what is outside, `(N,)`."""
    from pose_tf.evaluation import forecasts, motion_measures

    unit, _ = forecasts.box_size(boxes)
    everywhere = np.ones(future.shape[:3], bool)
    energy = motion_measures.lag_energy(future, everywhere, 5, unit).mean(1)
    outside = motion_measures.out_of_frame(
        future[:, 5:], everywhere[:, 5:], frame_size
    )
    still = energy < np.nanpercentile(real, 5)
    return energy, real, still, outside.mean(1)


def _long_title(name, count, told):
    knows = "told the action" if told else "not told the action"
    return (
        f"frames {LONG_HORIZON - LAST_FRAMES + 1} to {LONG_HORIZON} of "
        f"{LONG_SAMPLES} samples of {count} clips, {name}, {knows}"
    )


def _before_the_middle(clip):
    """Returns poses, visibility, boxes and frame size of a prefix."""
    first = max(len(clip["poses"]) // 2 - PREFIX, 0)
    cut = slice(first, first + PREFIX)
    arrays = [clip[name][cut] for name in ("poses", "visibility", "boxes")]
    return (*arrays, clip["frame_size"])


def _real_energy(clip):
    """Returns the mean energy over 5 frames of a real clip."""
    from pose_tf.evaluation import forecasts, motion_measures

    unit, _ = forecasts.box_size(clip["boxes"][None])
    energy = motion_measures.lag_energy(
        np.nan_to_num(clip["poses"])[None], clip["visibility"][None], 5, unit
    )
    return np.nanmean(energy)


def _text(results):
    energy, real, still, outside, right = (
        np.concatenate(arrays) for arrays in zip(*results)
    )
    return (
        f"energy over 5 frames {energy.mean() / np.nanmean(real):.2f} of the real"
        f"; still {100 * still.mean():.1f} %; recognized "
        f"{100 * right.mean():.1f} %; joints outside {100 * outside.mean():.1f} %"
    )
