"""Measures of predicted poses and actions; `protocols.py` pools them.

Predicted poses and their targets are float arrays `(..., T, J, D)` in one unit
and frame of reference; visibility is the target's, bool `(..., T, J)`. A joint
that the target does not show never counts, whatever its coordinates. Shares
(PCK, top-1, F1) are in percent. All is NumPy, but for the Keras metrics.
"""

import keras
import numpy as np
from scipy import special

PCK_THRESHOLD = 0.05


def distances(predicted, target, visibility, unit=1.0):
    """Distance of every joint from its target.

    Args:
        predicted: Float array `(..., T, J, D)`.
        target: Float array of the same shape.
        visibility: Bool array `(..., T, J)`.
        unit: Float or array `(...)`, length that counts as 1.

    Returns:
        Float64 array `(..., T, J)`, 0 where the target is invisible.

    Raises:
        ValueError: If the shapes do not belong together.
    """
    predicted = np.asarray(predicted, np.float64)
    target = np.asarray(target, np.float64)
    visibility = np.asarray(visibility, bool)
    if predicted.shape != target.shape or target.ndim < 3:
        raise ValueError(
            "`predicted` must have the shape (..., T, J, D) of `target`. "
            f"Received: {predicted.shape} for {target.shape}"
        )
    if visibility.shape != target.shape[:-1]:
        raise ValueError(
            f"`visibility` must have the shape {target.shape[:-1]}. "
            f"Received: {visibility.shape}"
        )
    shown = visibility[..., None]
    apart = np.where(shown, predicted, 0.0) - np.where(shown, target, 0.0)
    unit = np.asarray(unit, np.float64)[..., None, None]
    return np.linalg.norm(apart, axis=-1) / unit


class PerFrame:
    """Mean of masked values for each frame, pooled over all that was added.

    Example:

    >>> pool = PerFrame()
    >>> pool.add([[[1.0, 3.0], [5.0, 9.0]]], [[[True, True], [True, False]]])
    >>> pool.mean().tolist()
    [2.0, 5.0]
    """

    def __init__(self):
        self.total = 0.0
        self.count = 0

    def add(self, values, mask):
        """Adds values and a bool mask, both `(..., T, J)`."""
        mask = np.asarray(mask, bool)
        values = np.where(mask, values, 0.0)
        axes = (*range(mask.ndim - 2), mask.ndim - 1)
        self.total = self.total + values.sum(axes)
        self.count = self.count + mask.sum(axes)

    def mean(self):
        """Float array `(T,)`; NaN for a frame without any value."""
        with np.errstate(invalid="ignore"):
            return np.divide(self.total, self.count)


def pck(predicted, target, visibility, unit=1.0, threshold=PCK_THRESHOLD):
    """Percentage of correct keypoints: nearer to the target than `threshold`.

    See `distances` for the arguments; `threshold` is in units.

    Returns:
        Float array `(T,)`, percent of all visible joints of a frame.
    """
    hits = PerFrame()
    apart = distances(predicted, target, visibility, unit)
    hits.add(apart < threshold, visibility)
    return 100 * hits.mean()


def mpjpe(predicted, target, visibility, unit=1.0):
    """Mean distance of the visible joints from their targets, in units.

    See `distances` for the arguments.

    Returns:
        Float array `(T,)`.
    """
    errors = PerFrame()
    errors.add(distances(predicted, target, visibility, unit), visibility)
    return errors.mean()


def ade_fde(predicted, target, visibility, unit=1.0):
    """Average and final displacement error of each window.

    See `distances` for the arguments.

    Returns:
        `(ade, fde)`, float arrays `(...)` in units: means over the visible
        joints of all frames, and of the last; NaN where none is visible.
    """
    apart = distances(predicted, target, visibility, unit)
    visibility = np.asarray(visibility, bool)
    with np.errstate(invalid="ignore"):
        ade = apart.sum((-2, -1)) / visibility.sum((-2, -1))
        fde = apart[..., -1, :].sum(-1) / visibility[..., -1, :].sum(-1)
    return ade, fde


def best_of_k(samples, target, visibility, unit=1.0):
    """Errors of the sample that is best, chosen apart for ADE and for FDE.

    Args:
        samples: Float array `(..., K, T, J, D)`.
        target: Float array `(..., T, J, D)`.
        visibility: Bool array `(..., T, J)`.
        unit: Float or array `(...)`.

    Returns:
        `(ade, fde)`, float arrays `(...)` in units.
    """
    samples = np.asarray(samples)
    target = np.asarray(target)[..., None, :, :, :]
    visibility = np.asarray(visibility, bool)[..., None, :, :]
    ade, fde = ade_fde(
        samples,
        np.broadcast_to(target, samples.shape),
        np.broadcast_to(visibility, samples.shape[:-1]),
        np.asarray(unit)[..., None],
    )
    return ade.min(-1), fde.min(-1)


def apd(samples, unit=1.0):
    """Average pairwise distance of samples: their diversity.

    As in [Yuan and Kitani, 2020](https://arxiv.org/abs/2003.08386), but the
    mean distance of a joint, so that it has the unit of ADE.

    Args:
        samples: Float array `(..., K, T, J, D)`.
        unit: Float or array `(...)`.

    Returns:
        Float array `(...)` in units.

    Raises:
        ValueError: For fewer than two samples.
    """
    samples = np.asarray(samples, np.float64)
    num_samples = samples.shape[-4]
    if num_samples < 2:
        raise ValueError(
            "`samples` must have at least 2 samples (axis -4) to differ. "
            f"Received: shape {samples.shape}"
        )
    total = 0.0
    for k in range(1, num_samples):
        apart = samples[..., k:, :, :, :] - samples[..., :-k, :, :, :]
        total = total + np.linalg.norm(apart, axis=-1).mean((-2, -1)).sum(-1)
    pairs = num_samples * (num_samples - 1) / 2
    return total / pairs / np.asarray(unit)


def npss_sums(predicted, target, visibility):
    """Numerator and denominator of `npss`, to be pooled over batches.

    Args:
        predicted: Float array `(..., T, J, D)`.
        target: Float array of the same shape.
        visibility: Bool array `(..., T, J)`. A joint that is not visible in
            all frames of a window has no spectrum and does not count there.

    Returns:
        Two floats.
    """
    distances(predicted, target, visibility)  # Checks the shapes.
    whole = np.asarray(visibility, bool).all(-2)[..., None, :, None]
    power, target_power = (
        np.abs(np.fft.fft(np.where(whole, poses, 0.0), axis=-3)) ** 2
        for poses in (predicted, target)
    )
    weight = target_power.sum(-3)
    moved = np.abs(
        np.cumsum(_shares(power) - _shares(target_power), axis=-3)
    ).sum(-3)
    return float((moved * weight).sum()), float(weight.sum())


def npss(predicted, target, visibility):
    """Normalized power spectrum similarity; 0 is best.

    The earth mover's distance between the normalised power spectra of each
    coordinate over time, weighted by the target's power. It forgives a shift
    in time and punishes frozen or jittering motion. See
    [Gopalakrishnan et al., 2019](https://arxiv.org/abs/1809.03036) and
    `npss_sums` for the arguments.

    Returns:
        Float; NaN if no joint counts.
    """
    moved, weight = npss_sums(predicted, target, visibility)
    return moved / weight if weight else float("nan")


def nll(log_prob, visibility, num_coordinates=2):
    """Negative log-likelihood a visible coordinate of a frame, in nats.

    Args:
        log_prob: Float array, log-density of everything visible in a window;
            it depends on the unit of the density: add `log(scale)` for each
            coordinate to come from torso lengths to pixels.
        visibility: Bool array `(..., T, J)` of all those windows.
        num_coordinates: Integer, `D`.

    Returns:
        Float.
    """
    count = np.asarray(visibility, bool).sum() * num_coordinates
    return -float(np.sum(log_prob)) / max(int(count), 1)


def top1(probabilities, action):
    """Percent of clips whose most probable action is the true one.

    Args:
        probabilities: Float array `(N, C)`.
        action: Integer array `(N,)`.
    """
    predicted, action = _labels(probabilities, action)
    return 100 * float((predicted == action).mean())


def confusion(probabilities, action):
    """Counts `(C, C)`: true action in rows, predicted in columns."""
    predicted, action = _labels(probabilities, action)
    counts = np.zeros((np.shape(probabilities)[-1],) * 2, np.int64)
    np.add.at(counts, (action, predicted), 1)
    return counts


def macro_f1(probabilities, action):
    """Mean F1 over the actions that occur, in percent.

    An action occurs if it is the true or the predicted one of any clip. See
    `top1` for the arguments.
    """
    counts = confusion(probabilities, action)
    occurs = counts.sum(0) + counts.sum(1)
    f1 = 2 * np.diag(counts)[occurs > 0] / occurs[occurs > 0]
    return 100 * float(f1.mean())


def t_interval(values, confidence=0.95):
    """Mean over seeds and the half-width of its confidence interval.

    Student's t with `len(values) - 1` degrees of freedom.

    Raises:
        ValueError: For fewer than two values.
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(
            "`values` must be a list of at least 2 numbers. "
            f"Received: shape {values.shape}"
        )
    quantile = special.stdtrit(len(values) - 1, (1 + confidence) / 2)
    error = values.std(ddof=1) / np.sqrt(len(values))
    return float(values.mean()), float(quantile * error)


@keras.saving.register_keras_serializable("pose_tf")
class PCK(keras.metrics.Mean):
    """`pck` for `fit`: percent of visible joints nearer than `threshold`.

    Call arguments of `update_state`:
        y_true: Float tensor `(..., J, D)`.
        y_pred: Float tensor of the same shape and unit.
        sample_weight: Visibility `(..., J)`, bool or float; None counts all.
    """

    def __init__(self, threshold=PCK_THRESHOLD, name="pck", **kwargs):
        super().__init__(name=name, **kwargs)
        self.threshold = threshold

    def update_state(self, y_true, y_pred, sample_weight=None):
        apart = _masked_distance(y_true, y_pred, sample_weight)
        hits = keras.ops.cast(apart < self.threshold, self.dtype)
        super().update_state(100 * hits, sample_weight)

    def get_config(self):
        return {**super().get_config(), "threshold": self.threshold}


@keras.saving.register_keras_serializable("pose_tf")
class MPJPE(keras.metrics.Mean):
    """`mpjpe` for `fit`, in the unit of the poses; see `PCK`."""

    def __init__(self, name="mpjpe", **kwargs):
        super().__init__(name=name, **kwargs)

    def update_state(self, y_true, y_pred, sample_weight=None):
        apart = _masked_distance(y_true, y_pred, sample_weight)
        super().update_state(apart, sample_weight)


def _masked_distance(y_true, y_pred, visibility):
    apart = keras.ops.convert_to_tensor(y_pred) - y_true
    if visibility is not None:
        # A hidden NaN times a weight of 0 would still be NaN.
        visible = keras.ops.cast(visibility, "bool")[..., None]
        apart = keras.ops.where(visible, apart, 0.0)
    return keras.ops.sqrt(keras.ops.sum(apart**2, axis=-1))


def _labels(probabilities, action):
    probabilities, action = np.asarray(probabilities), np.asarray(action)
    if probabilities.ndim != 2 or action.shape != probabilities.shape[:1]:
        raise ValueError(
            "`probabilities` must have the shape (N, C) and `action` (N,). "
            f"Received: {probabilities.shape} and {action.shape}"
        )
    return probabilities.argmax(-1), action


def _shares(power):
    """Power over the sum of all frequencies (axis -3); 0 where that is 0."""
    total = power.sum(-3, keepdims=True)
    return power / np.where(total > 0, total, 1.0)
