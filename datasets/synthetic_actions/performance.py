"""Performs actions: with a tempo, a phase, an amplitude and sway."""

import numpy as np
from scipy import interpolate

from pose_tf.datasets.synthetic_actions import actions, body
from pose_tf.datasets.synthetic_actions.key_poses import STAND

FPS_RANGE = (20.0, 32.0)  # Frames per second.
TEMPOS = (0.75, 1.4)  # Factors of the seconds of key poses.
AMPLITUDES = (0.85, 1.15)  # Factors of the distance from standing.
IDLE_SHARE = 0.2  # Longest idling before or after, as a share of the clip.
IDLE_RATE = 0.35  # Share of performances that begin (end) with idling.
TIMING_NOISE = 0.1  # Standard deviation of the log of a key's duration.
KEY_NOISE = 2.5  # Degrees, drawn for each key pose.
POSTURE_NOISE = 3.0  # Degrees, drawn once per performance.
SWAY = 1.0  # Degrees, of each of the slow waves below.
SWAY_RATES = (0.1, 0.7)  # Waves per second.
NUM_SWAYS = 3
# Noise on the angles of joints neither turns nor lifts the body.
STEADY = [body.channel(name) for name in ("yaw", "lift")]


def perform(
    motion: actions.Motion, num_frames: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns the angles of one performance, left-handed or right-handed.

    The clip shows the whole action, and a periodic one at least once, however
    short it is.

    Args:
        motion: Key poses of the action.
        num_frames: Number of frames, `T`.
        rng: NumPy's generator.

    Returns:
        Float array (T, C), degrees.
    """
    fps = rng.uniform(*FPS_RANGE)
    frames, poses = timeline(motion, num_frames, fps, rng)
    noise = _noise((len(poses) + 1, len(body.CHANNELS)), rng)
    amplitude = rng.uniform(*AMPLITUDES)
    poses = STAND + amplitude * (poses - STAND) + noise[1:]
    curve = interpolate.PchipInterpolator(frames, poses)
    instants = np.clip(np.arange(num_frames), frames[0], frames[-1])
    angles = curve(instants) + noise[0] * (POSTURE_NOISE / KEY_NOISE)
    angles += _sway(num_frames, fps, rng)
    return body.mirror(angles) if rng.random() < 0.5 else angles


def timeline(motion, num_frames, fps, rng):
    """Places key poses in time.

    Args:
        motion: Key poses of the action.
        num_frames: Number of frames of the clip.
        fps: Frames per second.
        rng: NumPy's generator.

    Returns:
        `(frames, poses)`: times (K,), in frames, some of them before or after
        the clip; and key poses (K, C).
    """
    idle = rng.random(2) * IDLE_SHARE * num_frames
    before, after = np.where(rng.random(2) < IDLE_RATE, idle, 0.0)
    room = num_frames - 1 - before - after
    durations = np.array([seconds for _, seconds in motion.keys])
    durations *= fps * rng.uniform(*TEMPOS)
    durations *= min(1.0, room / durations.sum())
    poses = np.stack([key for key, _ in motion.keys])
    if motion.periodic:
        return _repeat(poses, durations, before, room, rng)
    durations = _vary(durations, rng)
    start = before + rng.random() * max(room - durations.sum(), 0.0)
    frames = start + np.concatenate([[0.0], np.cumsum(durations[1:])])
    return frames, poses


def _repeat(poses, durations, before, room, rng):
    """Repeats keys, from standing or from any phase of the first cycle."""
    num_keys, num_cycles = len(poses), int(room / durations.sum()) + 3
    durations = _vary(np.tile(durations, num_cycles), rng)
    poses = np.tile(poses, (num_cycles, 1))
    frames = np.cumsum(durations) - durations[0]
    phase = 0.0 if before else rng.random()
    frames += before - phase * frames[num_keys]
    last = np.searchsorted(frames, before + room) + 1
    frames, poses = frames[:last], poses[:last]
    settle = durations[:num_keys].sum() / 2
    if before:
        frames = np.concatenate([[before - settle], frames])
        poses = np.concatenate([STAND[None], poses])
    frames = np.append(frames, frames[-1] + settle)
    return frames, np.concatenate([poses, STAND[None]])


def _vary(durations, rng):
    return durations * np.exp(rng.normal(0, TIMING_NOISE, len(durations)))


def _noise(shape, rng):
    noise = rng.normal(0, KEY_NOISE, shape)
    noise[:, STEADY] = 0
    return noise


def _sway(num_frames, fps, rng):
    """Returns slow waves (T, C), degrees."""
    shape = (NUM_SWAYS, 1, len(body.CHANNELS))
    rates = rng.uniform(*SWAY_RATES, shape)
    phases = rng.uniform(0, 2 * np.pi, shape)
    seconds = np.arange(num_frames)[:, None] / fps
    sizes = SWAY * rng.normal(0, 1, shape)
    sizes[..., STEADY] = 0
    waves = sizes * np.sin(2 * np.pi * rates * seconds + phases)
    return waves.sum(axis=0)
