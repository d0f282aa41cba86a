"""The nearest motions."""

import numpy as np
import pytest

import pose_tf
from tests.support import fake_motion_model


def test_the_nearest_motions_are_of_the_same_kind(motion_model, clips):
    wanted = fake_motion_model.clip("squat", seed=77)
    found = pose_tf.search(motion_model, wanted, clips[0], num=2)
    assert [clips[1][neighbor.index] for neighbor in found] == ["squat"] * 2
    assert found[0].similarity >= found[1].similarity
    assert found[0].name == f"clips[{found[0].index}]".replace("clips", "among")


def test_a_clip_finds_itself_first_and_its_mirror_image(motion_model, clips):
    made = clips[0]
    found = pose_tf.search(motion_model, made[3], made)
    assert len(found) == 5
    assert found[0].index == 3
    assert found[0].similarity == pytest.approx(1, abs=1e-5)


def test_fewer_than_asked_for_if_there_are_no_more(motion_model, clips):
    made = clips[0]
    nobody = 0 * made[0]
    found = pose_tf.search(motion_model, made[1], [nobody, made[1]], num=9)
    assert [neighbor.index for neighbor in found] == [1]
    assert pose_tf.search(motion_model, made[1], [nobody]) == []
    assert pose_tf.search(motion_model, made[1], iter([])) == []


@pytest.mark.parametrize("num", [0, -1, 1.5, True, None])
def test_a_number_below_one_is_refused(motion_model, clips, num):
    with pytest.raises(ValueError, match="`num` must be"):
        pose_tf.search(motion_model, clips[0][0], clips[0], num)


def test_bad_clips_are_named(motion_model, clips):
    with pytest.raises(ValueError, match=r"`clip\[0\]` must have a frame"):
        pose_tf.search(motion_model, np.zeros((9, 13, 2)), clips[0])
    with pytest.raises(ValueError, match=r"`among\[0\]` must be"):
        pose_tf.search(motion_model, clips[0][0], [np.ones((9, 4, 2))])
