"""Tests of reading JHMDB-14, on a folder of a few drawn clips."""

import numpy as np
import pytest

from pose_tf.pose import skeletons
from studies.motion.jhmdb import clips


def test_a_split_deals_clips_as_its_column_says(folder):
    dealt = clips.read(folder, 1)
    ids = [clip["clip_id"] for clip in dealt.test.as_numpy_iterator()]
    assert ids == [b"jump_04", b"jump_05", b"sit_04", b"sit_05"]
    assert dealt.train.cardinality() == 8
    assert dealt.actions == ("jump", "sit")
    actions = [clip["action"] for clip in dealt.test.as_numpy_iterator()]
    assert actions == [0, 0, 1, 1]


def test_poses_are_converted_to_another_skeleton_by_name(folder):
    (first, *_) = clips.read(
        folder, 1, skeletons.PENN_ACTION
    ).train.as_numpy_iterator()
    given = np.load(folder / "clips" / "jump_00.npz")["poses"]
    assert first["poses"].shape == (12, 13, 2)
    assert first["visibility"].all()
    ours = skeletons.PENN_ACTION.joints.index("left_wrist")
    theirs = skeletons.JHMDB_15.joints.index("left_wrist")
    np.testing.assert_array_equal(first["poses"][:, ours], given[:, theirs])


def test_without_the_variable_an_error_names_it(monkeypatch):
    monkeypatch.delenv(clips.DIR_VARIABLE, raising=False)
    with pytest.raises(ValueError, match=clips.DIR_VARIABLE):
        clips.folder()
