"""The peer's windows and its filter, on numbers worked by hand."""

import numpy as np

from benchmarks import recordings


class Features:
    """Gives zeros, and remembers what it was asked."""

    def __init__(self):
        self.calls = []

    def __call__(self, poses, visibility, num_frames):
        self.calls.append((poses.shape, visibility.shape, num_frames.tolist()))
        return self

    def numpy(self):
        (num_windows, num_frames, *_), _, _ = self.calls[-1]
        return np.zeros((num_windows, num_frames, 3))


class Recording:
    labels = np.zeros(20, int)
    poses = np.zeros((20, 13, 2), np.float32)
    visibility = np.ones((20, 13), bool)


def test_a_window_is_around_every_eighth_frame():
    features = Features()
    middles, series = recordings._windows(features, Recording)
    assert middles.tolist() == [0, 8, 16]
    assert series.shape == (3, 3, 64)
    assert features.calls == [((3, 64, 13, 2), (3, 64, 13), [64] * 3)]


def test_a_frame_has_the_majority_of_those_around_it(monkeypatch):
    monkeypatch.setattr(recordings, "SMOOTHED", 3)
    smoothed = recordings._smoothed(np.array([4, 4, -1, 4, 4, -1, -1, 4]))
    # At the ends two frames are one each: the smaller label is taken.
    assert smoothed.tolist() == [4, 4, 4, 4, 4, -1, -1, -1]
