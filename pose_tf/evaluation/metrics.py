"""Measures predicted poses and actions; the protocols' files pool the results.

Predicted poses and their targets are float arrays `(..., T, J, D)` in the same
unit and frame of reference. Visibility is that of the target, bool
`(..., T, J)`: its invisible joints never count, whatever their coordinates.
Shares (PCK, top-1, F1) are in percent.
"""

import warnings

import numpy as np
from scipy import special
from sklearn import metrics as sklearn_metrics

PCK_THRESHOLD = 0.05


def distances(predicted, target, visibility, unit=1.0):
    """Returns the distance of each joint from its target.

    Args:
        predicted: Float array `(..., T, J, D)`.
        target: Float array of the same shape.
        visibility: Bool array `(..., T, J)`.
        unit: Float or array `(...)`, the length of one unit of the result.

    Returns:
        Float64 array `(..., T, J)`, 0 where the target is invisible.

    Raises:
        ValueError: If the shapes do not fit together.
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
    offset = np.where(shown, predicted, 0.0) - np.where(shown, target, 0.0)
    unit = np.asarray(unit, np.float64)[..., None, None]
    return np.linalg.norm(offset, axis=-1) / unit


class PerFrame:
    """Pools masked values and returns their mean per frame.

    Example:

    >>> pool = PerFrame()
    >>> pool.add([[[1.0, 3.0], [5.0, 9.0]]], [[[True, True], [True, False]]])
    >>> pool.mean().tolist()
    [2.0, 5.0]
    """

    def __init__(self) -> None:
        self.total: np.ndarray | float = 0.0
        self.count: np.ndarray | int = 0

    def add(self, values, mask):
        """Adds values and a bool mask, both `(..., T, J)`."""
        mask = np.asarray(mask, bool)
        values = np.where(mask, values, 0.0)
        axes = (*range(mask.ndim - 2), mask.ndim - 1)
        self.total = self.total + values.sum(axes)
        self.count = self.count + mask.sum(axes)

    def mean(self):
        """Returns means `(T,)`; NaN for frames without any value."""
        with np.errstate(invalid="ignore"):
            return np.divide(self.total, self.count)


def ade_fde(predicted, target, visibility, unit=1.0):
    """Returns the average and final displacement error of each window.

    The arguments are those of `distances`.

    Returns:
        `(ade, fde)`, float arrays `(...)` in units: means over the visible
        joints of all frames and of the last frame; NaN if none is visible.
    """
    errors = distances(predicted, target, visibility, unit)
    visibility = np.asarray(visibility, bool)
    with np.errstate(invalid="ignore"):
        ade = errors.sum((-2, -1)) / visibility.sum((-2, -1))
        fde = errors[..., -1, :].sum(-1) / visibility[..., -1, :].sum(-1)
    return ade, fde


def npss_sums(predicted, target, visibility):
    """Returns numerator and denominator of NPSS, to be pooled over batches.

    The normalized power spectrum similarity, of which 0 is best, is the earth
    mover's distance between the normalized power spectra of each coordinate
    over time, weighted by the power of the target. It forgives a shift in time
    and penalizes frozen or jittering motion. See
    [Gopalakrishnan et al., 2019](https://arxiv.org/abs/1809.03036).

    Args:
        predicted: Float array `(..., T, J, D)`.
        target: Float array of the same shape.
        visibility: Bool array `(..., T, J)`. Joints that are not visible in
            all frames of a window have no spectrum and do not count there.

    Returns:
        Two floats.

    Raises:
        ValueError: If the shapes do not fit together.
    """
    distances(predicted, target, visibility)  # Checks the shapes.
    whole = np.all(np.asarray(visibility, bool), axis=-2, keepdims=True)
    whole = whole[..., None]
    power, target_power = (
        np.abs(np.fft.fft(np.where(whole, poses, 0.0), axis=-3)) ** 2
        for poses in (predicted, target)
    )
    weight = target_power.sum(-3)
    moved = np.abs(
        np.cumsum(_shares(power) - _shares(target_power), axis=-3)
    ).sum(-3)
    return float((moved * weight).sum()), float(weight.sum())


def top1(probabilities, action):
    """Returns the percentage of clips whose likeliest action is the true one.

    Args:
        probabilities: Float array `(N, C)`.
        action: Integer array `(N,)`.
    """
    predicted, action = _labels(probabilities, action)
    return 100 * float((predicted == action).mean())


def confusion(probabilities, action):
    """Returns counts `(C, C)`: true actions in rows, predicted in columns.

    The arguments are those of `top1`.
    """
    predicted, action = _labels(probabilities, action)
    labels = np.arange(np.shape(probabilities)[-1])
    with warnings.catch_warnings():
        # Of a single class, which scikit-learn thinks to be a mistake.
        warnings.simplefilter("ignore", UserWarning)
        return sklearn_metrics.confusion_matrix(
            action, predicted, labels=labels
        )


def macro_f1(probabilities, action):
    """Returns the mean F1 over the actions that occur, in percent.

    An action occurs if it is the true or the predicted one of any clip. The
    arguments are those of `top1`.
    """
    predicted, action = _labels(probabilities, action)
    return 100 * float(
        sklearn_metrics.f1_score(action, predicted, average="macro")
    )


def t_interval(values, confidence=0.95):
    """Returns the mean and the half-width of its confidence interval.

    The interval is that of Student's t with `len(values) - 1` degrees of
    freedom.

    Raises:
        ValueError: If there are fewer than two values.
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


def _labels(probabilities, action):
    probabilities, action = np.asarray(probabilities), np.asarray(action)
    if probabilities.ndim != 2 or action.shape != probabilities.shape[:1]:
        raise ValueError(
            "`probabilities` must have the shape (N, C) and `action` (N,). "
            f"Received: {probabilities.shape} and {action.shape}"
        )
    return probabilities.argmax(-1), action


def _shares(power):
    """Divides power by its sum over frequencies (axis -3); 0 if that is 0."""
    total = power.sum(-3, keepdims=True)
    return power / np.where(total > 0, total, 1.0)
