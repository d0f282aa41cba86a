"""Keras models; they never open a file and never read a flag.

The names below are imported when they are first used, as TensorFlow takes
seconds to import.
"""

import importlib

# Public classes and the files that hold them.
_CLASSES = {
    "ActionClassifier": "classifier",
    "ChunkVAE": "chunk_vae",
    "ClipClassifier": "clip_classifier",
    "ClipCommittee": "clip_committee",
    "FrameFeatures": "frame_features",
    "LearnedMotionVAE": "learned_motion_vae",
    "LiveClassifier": "live_classifier",
    "LogisticRegression": "baselines",
    "MotionFeatures": "motion_features",
    "MotionVAE": "motion_vae",
    "NearestNeighbor": "baselines",
    "PCA": "baselines",
    "PoseFeatures": "features",
    "PoseGenerator": "generator",
    "PoseVAE": "vae",
    "RecurrentGenerator": "recurrent_generator",
    "RandomConvolutions": "random_convolutions",
    "RidgeClassifier": "ridge_classifier",
    "StreamClassifier": "stream_classifier",
}

__all__ = list(_CLASSES)


def __getattr__(name):
    """Imports a public class."""
    if name not in _CLASSES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_CLASSES[name]}")
    return getattr(module, name)


def __dir__():
    """Lists public classes beside what is imported already."""
    return sorted({*globals(), *__all__})
