"""Which skeleton named joints are of, and where its joints are."""

import numpy as np
import pytest

from pose_tf.formats import named_joints, sources
from pose_tf.pose import skeletons

NOTHING = sources.Options()
TORSO = ["LShoulder", "RShoulder", "LHip", "RHip"]


def test_a_known_skeleton_that_has_all():
    skeleton, order = named_joints.arrange([*TORSO, "Nose"], 2, NOTHING)
    assert skeleton == skeletons.COCO_17
    assert order[:6].tolist() == [4, -1, -1, -1, -1, 0]


def test_in_space_and_the_likely_one():
    skeleton, _ = named_joints.arrange([*TORSO, "Neck"], 3, NOTHING)
    assert skeleton == skeletons.HUMAN36M_17
    likely = sources.Options(likely=skeletons.KINECT_25)
    assert named_joints.arrange(TORSO, 3, likely)[0] == skeletons.KINECT_25


@pytest.mark.parametrize(
    "names", [[*TORSO, "tail"], ["neck", "pelvis", "nose"]]
)
def test_joints_of_their_own(names):
    """Also those of a known skeleton without what measures its torso."""
    skeleton, order = named_joints.arrange(names, 2, NOTHING)
    assert skeleton.num_joints == len(names)
    assert order.tolist() == list(range(len(names)))


def test_the_skeleton_that_is_asked_for():
    options = sources.Options(skeleton=skeletons.PENN_ACTION)
    skeleton, order = named_joints.arrange([*TORSO, "tail"], 2, options)
    assert skeleton == skeletons.PENN_ACTION
    assert order.tolist() == [-1, 1, 0, -1, -1, -1, -1, 3, 2, -1, -1, -1, -1]


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        ([*TORSO, "right hip"], NOTHING, "'right_hip' twice, as 'RHip' and"),
        (["tail", "paw"], NOTHING, "torso"),
        (["tail"], sources.Options(skeleton=skeletons.COCO_17), "some of nose"),
    ],
)
def test_what_is_wrong(names, options, message):
    with pytest.raises(ValueError, match=message):
        named_joints.arrange(names, 2, options)


def test_joints_that_are_absent_are_missing():
    values = np.arange(6.0).reshape(1, 3, 2)
    picked = named_joints.pick(values, np.array([2, -1, 0]))
    np.testing.assert_array_equal(picked, [[[4, 5], [np.nan, np.nan], [0, 1]]])
    assert named_joints.pick(None, [0]) is None
