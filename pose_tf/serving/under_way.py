"""Asks a model what is under way at each frame of clips of any length."""

import numpy as np

from pose_tf.pose import clip as clips

# Models are trained at about this rate, which is also taken if a clip does not
# know its own. Clips of others than within TOLERANCE of it are resampled.
MODEL_FPS = 30.0
TOLERANCE = 0.21
# Of long clips, at the model's rate: each part of PART frames is seen with the
# LEAD frames before it, and BATCH parts at a time.
PART, LEAD, BATCH = 1024, 256, 16
# A person who is not seen for longer than this does nothing that is known.
MAX_UNSEEN_SECONDS = 1.0


def at_model_rate(clip: clips.Clip) -> clips.Clip:
    """Returns a clip at `MODEL_FPS`, if its rate is known and another one."""
    if clip.fps is None or abs(clip.fps / MODEL_FPS - 1) < TOLERANCE:
        return clip
    return clip.at(MODEL_FPS)


def probabilities(model, clip: clips.Clip) -> np.ndarray:
    """Returns the probabilities of the action under way at each frame.

    A long clip is given to the model in parts, each with the `LEAD` frames
    before it. If the model forgets what is older than that, the probabilities
    are those of the whole clip at once.

    Args:
        model: What `pose_tf.load` gives for a classifier with the endpoint
            `classify_frames`.
        clip: A `Clip`. If its rate is not about `MODEL_FPS`, the model sees it
            resampled, and each frame gets the answer at the nearest instant.

    Returns:
        float32 `[T, C]`; 0 for frames before the person is first seen, and in
        absences of more than `MAX_UNSEEN_SECONDS`.

    Raises:
        ValueError: If the model has no `classify_frames`, or the clip's
            skeleton cannot be converted to the model's.
    """
    if not hasattr(model, "classify_frames"):
        raise ValueError(
            "`model` must be a classifier that says what is under way at each "
            "frame, with the endpoint 'classify_frames', such as "
            "saved_models/penn_action_causal_classifier. Received: a "
            f"{type(model).__name__}"
        )
    clip = clip.to(model.skeleton)
    fps = clip.fps or MODEL_FPS
    answers = np.zeros((len(clip.poses), len(model.actions)), np.float32)
    seen = np.any(clip.visibility, 1)
    if not seen.any():
        return answers
    resampled = at_model_rate(clip)
    if resampled is clip:
        answers[:] = _in_parts(model, clip.poses, clip.visibility)
    else:
        given = _in_parts(model, resampled.poses, resampled.visibility)
        nearest = np.round(np.arange(len(seen)) * MODEL_FPS / fps).astype(int)
        answers[:] = given[np.minimum(nearest, len(given) - 1)]
    answers[_absent(seen, MAX_UNSEEN_SECONDS * fps)] = 0
    return answers


def _in_parts(model, poses, visibility):
    """Returns the model's answers `[T, C]`, NaN as 0."""
    answers = np.zeros((len(poses), len(model.actions)), np.float32)
    before = int(visibility.any(1).argmax())  # Frames before anybody is seen.
    poses, visibility = poses[before:], visibility[before:]
    num_frames = len(poses)
    length = min(LEAD + PART, num_frames)
    # Of each part, the first LEAD frames only lead into it, but for the first
    # part. All are as long: behind the last frame, nobody is seen.
    starts = np.arange(0, max(num_frames - LEAD, 1), PART)
    for batch in np.split(starts, range(BATCH, len(starts), BATCH)):
        places = batch[:, None] + np.arange(length)
        inside = places < num_frames
        places = np.minimum(places, num_frames - 1)
        flags = visibility[places] & inside[..., None]
        anybody = flags.any((1, 2))  # Models refuse clips of nobody.
        if not anybody.any():
            continue
        given = model.classify_frames(poses[places][anybody], flags[anybody])
        for start, answer in zip(batch[anybody], given):
            first = LEAD if start else 0
            part = answers[before:][start + first : start + length]
            part[:] = answer[first : first + len(part)]
    return np.nan_to_num(answers)


def _absent(seen, longest):
    """Returns the frames of absences longer than `longest`: bool `[T]`."""
    changes = np.flatnonzero(np.diff(seen)) + 1
    edges = np.concatenate([[0], changes, [len(seen)]])
    lengths = np.diff(edges)
    away = ~seen[edges[:-1]] & (lengths > longest)
    return np.repeat(away, lengths)
