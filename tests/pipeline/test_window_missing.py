"""Windows: a missing joint stays missing, whatever is done to the others."""

import numpy as np
import tensorflow as tf

from pose_tf.pipeline import augmentation, windows


def test_missing_joints_stay_missing_when_frames_are_stretched(
    figure, clips_of
):
    def hide(clip):
        poses = tf.concat(
            [np.nan * clip["poses"][:, :1], clip["poses"][:, 1:]], 1
        )
        visibility = tf.concat(
            [clip["visibility"][:, :1] & False, clip["visibility"][:, 1:]], 1
        )
        return {**clip, "poses": poses, "visibility": visibility}

    for batch in windows.clip_batches(
        clips_of([3]).map(hide),
        batch_size=1,
        skeleton=figure,
        frame_normalized=True,
    ):
        assert np.isnan(batch["poses"].numpy()[:, :, 0]).all()
        assert np.isfinite(batch["poses"].numpy()[:, :, 1:]).all()


def test_missing_joints_stay_missing_however_windows_are_augmented(
    figure, clips_of
):
    def hide(clip):  # The first joint is missing, the second one occluded.
        visibility = tf.concat(
            [
                tf.zeros_like(clip["visibility"][:, :2]),
                clip["visibility"][:, 2:],
            ],
            axis=1,
        )
        poses = clip["poses"] + 50
        poses = tf.concat([np.nan * poses[:, :1], poses[:, 1:]], axis=1)
        return {**clip, "poses": poses, "visibility": visibility}

    clips_ds = clips_of([12, 12]).map(hide)
    ds = windows.window_batches(
        clips_ds,
        length=5,
        stride=2,
        batch_size=3,
        skeleton=figure,
        training=True,
        augment=augmentation.Augmentation(mirror=0.0),
    )
    for batch in ds.as_numpy_iterator():
        assert np.isnan(batch["poses"][:, :, 0]).all()
        assert np.isfinite(batch["poses"][:, :, 1:]).all()
    plain = windows.window_batches(
        clips_ds, length=5, stride=2, batch_size=3, skeleton=figure
    )
    for batch in plain.as_numpy_iterator():
        assert np.isnan(batch["poses"][:, :, 0]).all()
