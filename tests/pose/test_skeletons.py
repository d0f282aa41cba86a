"""Skeletons: their published orders, their roles, and conversions by name."""

import dataclasses
import re

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from pose_tf.pose import conversion, skeletons
from tests.support import standing_figure

ALL = sorted(skeletons.SKELETONS)


# From the models' own documentation.
@pytest.mark.parametrize(
    ("name", "num_joints", "order"),
    [
        ("penn_action", 13, {0: "head", 1: "right_shoulder", 8: "left_hip"}),
        ("coco_17", 17, {0: "nose", 4: "right_ear", 9: "left_wrist"}),
        (
            "openpose_25",
            25,
            {1: "neck", 8: "pelvis", 12: "left_hip", 24: "right_heel"},
        ),
        (
            "mediapipe_33",
            33,
            {0: "nose", 7: "left_ear", 23: "left_hip", 32: "right_big_toe"},
        ),
        (
            "human36m_17",
            17,
            {0: "pelvis", 1: "right_hip", 10: "head_top", 14: "right_shoulder"},
        ),
        (
            "kinect_25",
            25,
            {0: "pelvis", 3: "head", 12: "left_hip", 20: "neck"},
        ),
    ],
)
def test_orders(name, num_joints, order):
    skeleton = skeletons.get(name)
    assert skeleton.num_joints == num_joints
    assert {index: skeleton.joints[index] for index in order} == order


@pytest.mark.parametrize("name", ALL)
def test_mirroring_swaps_sides_and_nothing_else(name):
    skeleton = skeletons.get(name)
    mirrored = [skeleton.joints[index] for index in skeleton.mirror_indices]
    swap = {"left_": "right_", "right_": "left_"}
    for joint, other in zip(skeleton.joints, mirrored, strict=True):
        side = next((side for side in swap if joint.startswith(side)), None)
        assert other == (joint.replace(side, swap[side]) if side else joint)


@pytest.mark.parametrize("name", ALL)
def test_bones_connect_the_body_and_mirror_onto_themselves(name):
    skeleton = skeletons.get(name)
    swap = dict(
        zip(
            skeleton.joints,
            (skeleton.joints[index] for index in skeleton.mirror_indices),
            strict=True,
        )
    )
    bones = {frozenset(bone) for bone in skeleton.bones}
    assert {frozenset(swap[joint] for joint in bone) for bone in bones} == bones
    reached, grown = set(), {"left_hip"}
    while reached != grown:
        reached = grown
        grown = reached.union(*(bone for bone in bones if bone & reached))
    # MediaPipe's face is an island.
    face = re.compile("nose|eye|ear|mouth")
    assert all(face.search(joint) for joint in {*skeleton.joints} - reached)


def test_bones_of_penn_action_by_index():
    bones = {tuple(sorted(b)) for b in skeletons.PENN_ACTION.bone_indices}
    assert bones == {
        (0, 1), (0, 2), (1, 2), (1, 3), (3, 5), (2, 4), (4, 6), (1, 7), (2, 8),
        (7, 8), (7, 9), (9, 11), (8, 10), (10, 12),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["coco_17", "openpose_25", "mediapipe_33"])
def test_a_person_facing_the_camera_converts_to_one_picture(name):
    converted, visible = standing_figure.as_penn_action(skeletons.get(name))
    assert visible.all()
    # Of the skull, some give the nose and ears; Penn Action the middle.
    places = standing_figure.pose(skeletons.PENN_ACTION)
    np.testing.assert_allclose(converted, places)
    # Penn Action's second joint lies on the picture's left: it is the
    # shoulder that every detector calls the right one.
    assert converted[1].tolist() == [75, 60]
    assert converted[2].tolist() == [125, 60]
    assert converted[6].tolist() == [165, 25]  # The raised, left wrist.


def test_unknown_skeleton_lists_the_known():
    with pytest.raises(ValueError, match="coco_17, .*penn_action.*'smurf'"):
        skeletons.get("smurf")


def test_unknown_joint_lists_the_known():
    with pytest.raises(ValueError, match=r"head, right_shoulder.*\['tail'\]"):
        skeletons.PENN_ACTION.indices(["head", "tail"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bones": (("head", "tail"),)}, "tail"),
        ({"mirror_pairs": (("head", "tail"),)}, "tail"),
        ({"root": ("tail",)}, "tail"),
        ({"joints": ("head", "head")}, "different names. Received: head, head"),
    ],
)
def test_a_skeleton_names_its_own_joints(changes, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(skeletons.PENN_ACTION, **changes)


def located(skeleton, **joints):
    """One pose [1, J, D] with some joints, by name, visible where given."""
    poses = np.full((1, skeleton.num_joints, skeleton.num_coordinates), np.nan)
    visibility = np.zeros((1, skeleton.num_joints), bool)
    for name, position in joints.items():
        index = skeleton.joints.index(name)
        poses[0, index], visibility[0, index] = position, True
    return poses, visibility


def converted(source, target, **joints):
    """Where the visible joints come out: {name: position}."""
    source, target = skeletons.get(source), skeletons.get(target)
    poses, visibility = conversion.convert(
        *located(source, **joints), source, target
    )
    assert np.isnan(poses[~visibility]).all()
    return {
        name: tuple(poses[0, index])
        for index, name in enumerate(target.joints)
        if visibility[0, index]
    }


@pytest.mark.parametrize(
    ("seen", "head"),
    [
        ({"left_ear": (2, 4), "right_ear": (4, 8), "nose": (9, 9)}, (3, 6)),
        ({"left_ear": (2, 4), "nose": (9, 9)}, (9, 9)),
        ({"left_ear": (2, 4)}, (2, 4)),
        ({"left_eye": (2, 4)}, None),
    ],
)
def test_head_comes_from_what_is_seen_of_it(seen, head):
    expected = {} if head is None else {"head": head}
    assert converted("coco_17", "penn_action", **seen) == expected


def test_midpoints_need_both_sides():
    seen = {"left_shoulder": (0, 0), "right_shoulder": (4, 2), "left_hip": 7}
    assert converted("coco_17", "openpose_25", **seen) == {
        "left_shoulder": (0, 0),
        "right_shoulder": (4, 2),
        "neck": (2, 1),
        "left_hip": (7, 7),
    }


def test_the_last_coordinate_is_dropped():
    seen = {"head_top": (0, 0, 5), "nose": (0, 2, 7), "left_hip": (1, 2, 3)}
    assert converted("human36m_17", "penn_action", **seen) == {
        "head": (0, 1),
        "left_hip": (1, 2),
    }


def test_flat_poses_do_not_become_spatial():
    with pytest.raises(ValueError, match=r"`target` .* 2 .*human36m_17.* 3"):
        converted("penn_action", "human36m_17")


@pytest.mark.parametrize(
    ("poses", "visibility"),
    [((1, 13, 3), (1, 13)), ((1, 12, 2), (1, 12)), ((2, 13, 2), (1, 13))],
)
def test_shapes_must_fit_the_source(poses, visibility):
    with pytest.raises(ValueError, match=r"\[..., 13, 2\].*Received: "):
        conversion.convert(
            np.zeros(poses),
            np.ones(visibility),
            skeletons.PENN_ACTION,
            skeletons.COCO_17,
        )


def test_integers_become_floats():
    poses, _ = conversion.convert(
        np.zeros((0, 17, 2), np.uint8),
        np.zeros((0, 17)),
        skeletons.COCO_17,
        skeletons.PENN_ACTION,
    )
    assert poses.shape == (0, 13, 2)
    assert poses.dtype == np.float32


@hypothesis.given(
    source=st.sampled_from(ALL),
    target=st.sampled_from(ALL),
    seed=st.integers(0, 2**32 - 1),
)
def test_joints_of_both_skeletons_survive_a_round_trip(source, target, seed):
    source, target = skeletons.get(source), skeletons.get(target)
    hypothesis.assume(source.num_coordinates == target.num_coordinates)
    rng = np.random.default_rng(seed)
    poses = rng.normal(size=(2, 3, source.num_joints, source.num_coordinates))
    visibility = rng.uniform(size=poses.shape[:-1]) > 0.3
    there = conversion.convert(poses, visibility, source, target)
    back, flags = conversion.convert(*there, target, source)
    both = [name in target.joints for name in source.joints]
    kept = visibility & both
    assert (flags[..., both] >= visibility[..., both]).all()
    np.testing.assert_array_equal(back[kept], poses[kept])
