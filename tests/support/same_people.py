"""Checks that clips are of the two made-up people, joint by joint."""

import numpy as np

from pose_tf.pose import skeletons
from tests.support import two_people

TOLERANCE = 0.002  # Pixels; files are rounded.


def check(clips, persons=(0, 1), skeleton=skeletons.COCO_17, people=(0, 1)):
    """Checks poses, visibility and confidence in all frames.

    Args:
        clips: List of `Clip`.
        persons: What the clips call the people.
        skeleton: `Skeleton` of the clips.
        people: Which of the two they are, 0 or 1.
    """
    assert [clip.person for clip in clips] == list(persons)
    both = two_people.with_confidence(skeleton)
    for clip, person in zip(clips, people, strict=True):
        poses, confidence = both[person, ..., :2], both[person, ..., 2]
        visible = confidence > 0.5  # The first one's left knee is not.
        assert clip.skeleton == skeleton and clip.start == 0
        np.testing.assert_array_equal(clip.visibility, visible)
        np.testing.assert_allclose(
            clip.poses[visible], poses[visible], atol=TOLERANCE
        )
        np.testing.assert_allclose(
            clip.confidence[visible], confidence[visible], atol=1e-6
        )
