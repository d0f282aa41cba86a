"""Objects of movement and supervision, as far as their attributes go."""

import dataclasses
from typing import Any

import numpy as np
import pytest

import pose_tf
from tests.support import same_people, two_people

DIMENSIONS = ("time", "space", "keypoints", "individuals")
JOINTS = same_people.skeletons.COCO_17.joints


@dataclasses.dataclass
class Array:
    """Has what an xarray.DataArray has."""

    values: Any
    dims: tuple
    coords: dict


@dataclasses.dataclass
class Dataset:
    """Has what an xarray.Dataset has."""

    position: Array
    confidence: Any = None
    attrs: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class KeyPoints:
    """Has what supervision.KeyPoints has."""

    xy: Any
    class_id: Any = None
    keypoint_confidence: Any = None
    detection_confidence: Any = None
    data: dict = dataclasses.field(default_factory=dict)


def dataset(values=None, dims=DIMENSIONS, **others):
    """Returns both people, or other values, of these dimensions."""
    if values is None:
        values = two_people.with_confidence()
        # To time, space, keypoints, individuals.
        values = values.transpose(1, 3, 2, 0)
    names = {
        "time": np.arange(len(values)) / 25,
        "space": np.array(["x", "y"]),
        "keypoint": np.array(JOINTS),
        "individual": np.array(["anna", "ben"]),
    }
    coords = {
        name: Array(names.get(name, names.get(name[:-1])), (name,), {})
        for name in dims
    }
    confident = Array(values[:, 2], (dims[0], *dims[2:]), coords)
    return Dataset(
        Array(values[:, :2], dims, coords),
        confident,
        {"fps": 25.0, "time_unit": "seconds", **others},
    )


@pytest.mark.parametrize(
    "dims", [DIMENSIONS, ("time", "space", "keypoint", "individual")]
)
def test_datasets_of_movement(dims):
    clips = pose_tf.read(dataset(dims=dims))
    same_people.check(clips)
    assert [clip.fps for clip in clips] == [25, 25]
    assert clips[0].clip_id == ""


def test_individuals_that_are_not_found_and_times_left_out():
    values = two_people.with_confidence().transpose(1, 3, 2, 0)
    values[:6, :, :, 1] = np.nan
    one = dataset(values)
    times = one.position.coords["time"].values
    times[20:] += 2 / 25
    first, second = pose_tf.read(one)
    assert (first.start, len(first.poses)) == (0, 42)
    assert (second.start, len(second.poses)) == (6, 36)
    assert not first.visibility[20:22].any()


def test_datasets_without_confidence():
    one = dataset()
    one.confidence = None
    clips = pose_tf.read(one)
    assert clips[0].confidence is None and clips[0].visibility.all()


def test_datasets_of_nobody():
    values = np.full((5, 3, 17, 2), np.nan)
    assert pose_tf.read(dataset(values)) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dims": ("time", "axis", "keypoints", "individuals")}, "dimensions"),
        (
            {"values": np.full((5, 3, 17, 2), 1e30)},
            r"Received: 1e\+30 in frame 0",
        ),
    ],
)
def test_datasets_that_are_wrong(change, message):
    with pytest.raises(ValueError, match=message):
        pose_tf.read(dataset(**change))


def frames(**others):
    both = two_people.with_confidence().swapaxes(0, 1)
    return [
        KeyPoints(
            pose[..., :2],
            np.zeros(2, int),
            pose[..., 2],
            **{name: np.array(value) for name, value in others.items()},
        )
        for pose in both
    ]


def test_keypoints_of_supervision():
    same_people.check(pose_tf.read(frames()))


def test_tracker_ids_and_older_names():
    """`confidence` was that of joints before 0.29."""
    older = frames()
    for one in older:
        one.confidence = one.keypoint_confidence
        one.keypoint_confidence = None
        one.data["tracker_id"] = np.array([7, 3])
    same_people.check(pose_tf.read(older), (7, 3))


def test_frames_of_nobody():
    nobody = KeyPoints(np.zeros((0, 0, 2)), np.zeros(0, int))
    clips = pose_tf.read([nobody, *frames(), nobody])
    assert [clip.start for clip in clips] == [1, 1]
    assert pose_tf.read([nobody] * 3) == []


def test_one_frame():
    clips = pose_tf.read(frames()[0])
    assert [len(clip.poses) for clip in clips] == [1, 1]


def test_joints_at_the_origin_are_missing():
    given = frames()
    for one in given:
        one.xy[0, 4] = 0
    clip, _ = pose_tf.read(given)
    assert not clip.visibility[:, 4].any()


def test_frames_of_different_joints():
    other = KeyPoints(np.ones((1, 25, 2)), np.zeros(1, int), np.ones((1, 25)))
    with pytest.raises(ValueError, match=r"\[n, K, 2\].*\(17, 2\), \(25, 2\)"):
        pose_tf.read([*frames(), other])
