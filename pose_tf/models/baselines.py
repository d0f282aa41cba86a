"""Baselines that a trained model must beat.

The first two continue a motion, `PCA` embeds poses, and the other classes
classify clips with the same call as a classifier: `classify(poses,
visibility, num_frames)`.
"""

import numpy as np
from sklearn import (
    decomposition,
    linear_model,
    neighbors,
    pipeline,
    preprocessing,
)


def zero_velocity(poses, visibility, horizon):
    """Repeats the last observed pose.

    A joint that is hidden in the last frame stays where the prefix last
    showed it; one that it never showed goes to the middle of the others.

    Args:
        poses: Float array `(B, P, J, D)`, NaN where a joint is missing.
        visibility: Bool array `(B, P, J)`; or None to trust the coordinates
            of hidden joints that are not missing. Annotators guess many of
            these well, so None gives the stronger baseline on Penn Action, and
            its published rows; a model cannot know which guesses to trust.
        horizon: Integer, `H`.

    Returns:
        Float array `(B, H, J, D)`, in the unit and frame of `poses`.

    Raises:
        ValueError: For a horizon below 1 or shapes that do not fit.
    """
    poses, visibility = _check(poses, visibility, horizon)
    return np.repeat(_last_seen(poses, visibility)[:, None], horizon, axis=1)


def constant_velocity(poses, visibility, horizon):
    """Continues with the velocity between the last two observed poses.

    A joint that is hidden in one of the two has velocity 0, and starts where
    `zero_velocity` puts it. See `zero_velocity` for arguments and errors; the
    prefix must have at least two frames.
    """
    poses, visibility = _check(poses, visibility, horizon)
    if poses.shape[1] < 2:
        raise ValueError(
            "`poses` must have at least 2 observed frames (axis 1) for a "
            f"velocity. Received: shape {poses.shape}"
        )
    known = visibility[:, -2:].all(1)[..., None]
    known_poses = np.where(known[:, None], poses[:, -2:], 0)
    velocity = known_poses[:, 1] - known_poses[:, 0]
    steps = np.arange(1, horizon + 1, dtype=poses.dtype)[:, None, None]
    return _last_seen(poses, visibility)[:, None] + velocity[:, None] * steps


class PCA:
    """Principal components of root-centred poses.

    Args:
        num_components: Integer, `Z`.

    Example:

    >>> poses = np.random.default_rng(0).normal(size=(50, 13, 2))
    >>> pca = PCA(num_components=4).fit(poses)
    >>> pca.transform(poses).shape
    (50, 4)
    >>> pca.inverse_transform(pca.transform(poses)).shape
    (50, 13, 2)
    """

    def __init__(self, num_components):
        if num_components < 1:
            raise ValueError(
                "`num_components` must be at least 1. "
                f"Received: {num_components}"
            )
        self._pca = decomposition.PCA(
            num_components, svd_solver="covariance_eigh"
        )

    def fit(self, poses):
        """Fits to poses `(N, J, D)`, root-centred and filled; returns self."""
        poses = np.asarray(poses, np.float64)
        self._shape = poses.shape[1:]
        if (available := min(len(poses), poses[0].size)) < self.num_components:
            raise ValueError(
                "`poses` must have at least as many poses and coordinates as "
                f"components ({self.num_components}). Received: {available}"
            )
        self._pca.fit(poses.reshape(len(poses), -1))
        return self

    @property
    def num_components(self):
        """`Z`."""
        return self._pca.n_components

    def transform(self, poses):
        """Returns latents `(N, Z)` of poses `(N, J, D)`."""
        poses = np.asarray(poses, np.float64)
        return self._pca.transform(poses.reshape(len(poses), -1))

    def inverse_transform(self, z):
        """Returns poses `(N, J, D)` of latents `(N, Z)`."""
        return self._pca.inverse_transform(z).reshape(-1, *self._shape)


class ClipBaseline:
    """Classifies clips, resampled to a few frames, with scikit-learn.

    The features of a clip are its poses, root-centred, in torso lengths and
    filled, at `num_frames` instants from its first frame to its last.

    Args:
        estimator: A classifier of scikit-learn that has `predict_proba`.
        transform: A fitted `PoseTransform`; or None for raw coordinates of
            clips without missing joints.
        num_frames: Integer; 1 takes a clip's first frame, so that batches of
            single frames give a classifier of frames.

    Example:

    >>> from sklearn.naive_bayes import GaussianNB
    >>> batch = {
    ...     "poses": np.random.default_rng(0).random((6, 10, 13, 2)),
    ...     "visibility": np.ones((6, 10, 13), bool),
    ...     "num_frames": np.full(6, 10),
    ...     "action": np.array([0, 1, 2, 0, 1, 2]),
    ... }
    >>> model = ClipBaseline(GaussianNB(), transform=None, num_frames=4)
    >>> model = model.fit([batch], num_actions=3)
    >>> clips = batch["poses"], batch["visibility"], batch["num_frames"]
    >>> model.classify(*clips).shape
    (6, 3)
    """

    def __init__(self, estimator, transform, num_frames):
        if num_frames < 1:
            raise ValueError(
                f"`num_frames` must be at least 1. Received: {num_frames}"
            )
        self._estimator = estimator
        self._transform = transform
        self._num_frames = num_frames

    def fit(self, batches, num_actions):
        """Fits to batches of clips (`windows.clip_batches`); returns self."""
        features, actions = [], []
        for batch in batches:
            features.append(
                self.features(
                    batch["poses"], batch["visibility"], batch["num_frames"]
                )
            )
            actions.append(np.asarray(batch["action"]))
        if not features:
            raise ValueError(
                "`batches` must give at least one batch. Received: none"
            )
        self._num_actions = num_actions
        self._estimator.fit(np.concatenate(features), np.concatenate(actions))
        return self

    def features(self, poses, visibility, num_frames):
        """Returns features `(B, num_frames * J * D)`; see `classify`."""
        if self._transform is not None:
            frames, _ = self._transform(poses, visibility, causal=False)
            poses = frames["pose"]
        poses = np.asarray(poses, np.float32)
        last = np.asarray(num_frames, np.float64)[:, None] - 1
        position = last * np.linspace(0, 1, self._num_frames)
        before = np.floor(position).astype(int)
        after = np.ceil(position).astype(int)
        share = (position - before)[..., None, None].astype(np.float32)
        clip = np.arange(len(poses))[:, None]
        resampled = (
            poses[clip, before] * (1 - share) + poses[clip, after] * share
        )
        return resampled.reshape(len(poses), -1)

    def classify(self, poses, visibility, num_frames):
        """Returns the probabilities of the actions.

        Args:
            poses: Float array `(B, T, J, D)`, pixels.
            visibility: Bool array `(B, T, J)`.
            num_frames: Integer array `(B,)`; later frames are padding.

        Returns:
            Float array `(B, C)`; 0 for an action without a training clip.
        """
        features = self.features(poses, visibility, num_frames)
        probabilities = np.zeros((len(features), self._num_actions))
        known = self._estimator.predict_proba(features)
        probabilities[:, self._estimator.classes_] = known
        return probabilities


class NearestNeighbor(ClipBaseline):
    """Classifies clips by the nearest training clips.

    Args:
        transform: See `ClipBaseline`.
        num_frames: See `ClipBaseline`.
        n_neighbors: How many training clips vote.

    Example:

    >>> model = NearestNeighbor(transform=None, num_frames=4)
    >>> poses = np.random.default_rng(0).random((5, 10, 13, 2))
    >>> visibility, num_frames = np.ones((5, 10, 13), bool), np.full(5, 10)
    >>> model.features(poses, visibility, num_frames).shape
    (5, 104)
    """

    def __init__(self, transform, num_frames=16, n_neighbors=1):
        estimator = neighbors.KNeighborsClassifier(
            n_neighbors, algorithm="brute"
        )
        super().__init__(estimator, transform, num_frames)


class LogisticRegression(ClipBaseline):
    """Classifies clips by multinomial logistic regression.

    Args:
        transform: See `ClipBaseline`.
        num_frames: See `ClipBaseline`.
        C: Float, inverse weight of the L2 penalty on standardized features.

    Example:

    >>> model = LogisticRegression(transform=None, num_frames=2, C=0.1)
    >>> poses = np.random.default_rng(0).random((5, 10, 13, 2))
    >>> visibility, num_frames = np.ones((5, 10, 13), bool), np.full(5, 10)
    >>> model.features(poses, visibility, num_frames).shape
    (5, 52)
    """

    def __init__(self, transform, num_frames=16, C=1.0):
        estimator = pipeline.make_pipeline(
            preprocessing.StandardScaler(),
            linear_model.LogisticRegression(C=C, max_iter=1000),
        )
        super().__init__(estimator, transform, num_frames)


def _check(poses, visibility, horizon):
    """Returns poses as floats, and visibility, which None says they have."""
    if horizon < 1:
        raise ValueError(f"`horizon` must be at least 1. Received: {horizon}")
    poses = np.asarray(poses)
    if poses.ndim != 4 or not poses.shape[1]:
        raise ValueError(
            "`poses` must have the shape (B, P, J, D) with P of at least 1. "
            f"Received: {poses.shape}"
        )
    if not np.issubdtype(poses.dtype, np.floating):
        # Differences of unsigned pixels would wrap.
        poses = poses.astype(np.float32)
    if visibility is None:
        return poses, np.isfinite(poses).all(-1)
    visibility = np.asarray(visibility, bool)
    if visibility.shape != poses.shape[:-1]:
        raise ValueError(
            f"`visibility` must have the shape {poses.shape[:-1]}. "
            f"Received: {visibility.shape}"
        )
    return poses, visibility


def _last_seen(poses, visibility):
    """Returns where each joint was last visible; see `zero_velocity`."""
    num_frames = poses.shape[1]
    latest = num_frames - 1 - visibility[:, ::-1].argmax(1)
    last = np.take_along_axis(poses, latest[:, None, :, None], axis=1)[:, 0]
    ever = visibility.any(1)[..., None]
    last = np.where(ever, last, 0)
    middle = last.sum(1, keepdims=True) / np.maximum(
        ever.sum(1, keepdims=True), 1
    )
    return np.where(ever, last, middle).astype(poses.dtype)
