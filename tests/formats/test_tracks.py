"""People: who is who in the detections of a recording."""

import warnings

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from pose_tf.formats import detections, tables, tracks
from pose_tf.pose import skeletons

COCO = skeletons.COCO_17
SEED = 0
# A body 100 pixels tall and 40 wide, somewhere in which its joints lie.
BODY = np.random.default_rng(SEED).uniform(0, 1, (17, 2)) * [40, 100]


def found(rows, **kwargs):
    """Detections of `BODY`, from rows (frame, x) or (frame, x, y)."""
    frames = [row[0] for row in rows]
    places = np.array([(*row[1:], 0)[:2] for row in rows], float)
    poses = BODY + places.reshape(-1, 1, 2)
    return detections.Detections(
        skeleton=COCO, frames=frames, poses=poses, **kwargs
    )


def found_frames(clip):
    """The frames of the recording in which the person of a clip is found."""
    return (clip.start + np.flatnonzero(clip.visibility.any(1))).tolist()


def places(clip):
    """x of the person in each frame, NaN in unseen ones."""
    return (clip.poses - BODY)[:, 0, 0].round(3)


def path(start, speed, frames):
    return [(t, start + speed * t) for t in frames]


def by_frame(*paths):
    return sorted(row for rows in paths for row in rows)


@pytest.mark.parametrize("speed", [3, 10, 27, 50])
def test_people_who_cross_keep_their_identity(speed):
    """They pass through each other in frame 10 or so, in the same pose."""
    frames = range(21)
    there = path(-10 * speed, speed, frames)
    back = path(10 * speed + 4, -speed, frames)
    first, second = tracks.people(found(by_frame(there, back)))
    np.testing.assert_allclose(places(first), [x for _, x in there], atol=1e-3)
    np.testing.assert_allclose(places(second), [x for _, x in back], atol=1e-3)
    assert (first.person, second.person) == (0, 1)


def test_who_is_hidden_while_people_cross_comes_out_on_the_other_side():
    frames = range(31)
    there = path(-150, 10, frames)
    back = [row for row in path(150, -10, frames) if not 11 <= row[0] <= 19]
    first, second = tracks.people(found(by_frame(there, back)))
    assert found_frames(first) == list(frames)
    assert found_frames(second) == [t for t, _ in back]
    assert places(second)[[0, -1]].tolist() == [150, -150]
    assert np.isnan(second.poses[11:20]).all()


def test_order_in_a_frame_does_not_matter():
    rng = np.random.default_rng(SEED)
    rows = by_frame(*(path(60 * k, k - 2, range(40)) for k in range(5)))
    expected = tracks.people(found(rows))
    rng.shuffle(rows)
    shuffled = tracks.people(found(sorted(rows, key=lambda row: row[0])))
    assert len(expected) == 5
    for one, other in zip(expected, shuffled, strict=True):
        np.testing.assert_array_equal(one.poses, other.poses)


@pytest.mark.parametrize(("absence", "num_people"), [(60, 1), (61, 2)])
def test_who_returns_in_time_is_the_same_person(absence, num_people):
    """Leaves to the right at 5 pixels a frame, and comes back from there."""
    leaves = path(0, 5, range(20))
    returns = [(20 + absence + t, 100 - 5 * t) for t in range(20)]
    clips = tracks.people(found(leaves + returns), max_gap=60)
    assert len(clips) == num_people
    found_in = [t for clip in clips for t in found_frames(clip)]
    assert found_in == [t for t, _ in leaves + returns]
    assert not clips[0].visibility[20 : 20 + absence].any()


def test_who_appears_elsewhere_is_somebody_else():
    rows = path(0, 0, range(10)) + path(500, 0, range(10, 20))
    first, second = tracks.people(found(rows))
    assert (first.start, second.start) == (0, 10)
    assert len(first.poses) == len(second.poses) == 10


def test_ghosts_of_one_frame_are_dropped_and_counted():
    rows = by_frame(path(0, 1, range(50)), [(7, 400), (20, 700), (21, 900)])
    with pytest.warns(
        UserWarning, match="Dropped 3 of 4 people.* most 1 frames"
    ):
        (clip,) = tracks.people(found(rows))
    assert found_frames(clip) == list(range(50))


def test_short_recordings_keep_what_they_have():
    rows = by_frame(path(0, 1, range(4)), path(300, 1, range(2)), [(3, 600)])
    with pytest.warns(
        UserWarning, match="Dropped 1 of 3 people.* most 1 frames"
    ):
        clips = tracks.people(found(rows))
    assert [len(clip.poses) for clip in clips] == [4, 2]


def test_photo_has_its_people_but_no_ghosts():
    photo = [(0, 0), (0, 200), (0, 400)]
    clips = tracks.people(found(photo))
    assert [clip.poses.shape[0] for clip in clips] == [1, 1, 1]
    with pytest.warns(UserWarning, match="Dropped 1 of 3 people"):
        clips = tracks.people(found(photo, scores=[0.9, 0.1, 0.8]))
    assert [places(clip).tolist() for clip in clips] == [[0], [400]]
    assert len(tracks.people(found([(0, 0)], scores=[0.1]))) == 1


def test_ids_are_taken_as_they_are():
    """Person 7 is away for 300 frames and returns at the other end."""
    rows = [(0, 0), (0, 50), (1, 1), (301, 900), (302, 901), (302, 52)]
    first, second = tracks.people(
        found(rows, ids=[7, 3, 7, 7, 7, 3]), min_frames=2
    )
    assert (first.person, first.start, len(first.poses)) == (7, 0, 303)
    assert found_frames(first) == [0, 1, 301, 302]
    assert (second.person, second.start, len(second.poses)) == (3, 0, 303)


def test_rows_of_an_id_without_joints_are_unseen_frames():
    poses = found([(0, 0)] * 10).poses
    poses[[0, 5, 9]] = np.nan
    (clip,) = tracks.people(
        detections.Detections(
            skeleton=COCO, frames=range(2, 12), poses=poses, ids=[0] * 10
        )
    )
    assert (clip.start, len(clip.poses)) == (2, 10)
    assert found_frames(clip) == [3, 4, 5, 6, 8, 9, 10]


def test_rows_without_an_id_go_to_who_was_there():
    """A tracker that names a person late, loses it, and finds it again."""
    rows = by_frame(path(0, 2, range(20)), path(300, 0, range(20)))
    ids = [3 if x > 200 else 8 if 4 <= t < 9 or t > 11 else -1 for t, x in rows]
    clips = tracks.people(found(rows, ids=ids), min_frames=3)
    assert [(clip.person, found_frames(clip)) for clip in clips] == [
        (9, [0, 1, 2, 3]),
        (3, list(range(20))),
        (8, list(range(4, 20))),
    ]


@pytest.mark.parametrize(
    "certainty",
    [
        {"scores": [0.5, 0.4, 0.6, 0.5, 0.5]},
        {"confidence": np.array([5, 4, 6, 5, 5])[:, None] * np.full(17, 0.1)},
    ],
)
def test_best_of_one_id_in_a_frame_is_kept(certainty):
    rows = [(0, 0), (1, 100), (1, 1), (2, 2), (3, 3)]
    with pytest.warns(UserWarning, match="1 others .* person 4 in frame 1"):
        (clip,) = tracks.people(found(rows, ids=[4] * 5, **certainty))
    assert places(clip).tolist() == [0, 1, 2, 3]


def test_clip_holds_what_is_known():
    rows = [(t, 0) for t in (3, 4, 6, 7, 8)]
    visibility = np.ones((5, 17), bool)
    visibility[1, 2] = False
    (clip,) = tracks.people(
        found(
            rows,
            visibility=visibility,
            confidence=np.full((5, 17), 0.7),
            boxes=np.tile([0, 0, 40, 100], (5, 1)),
            frame_size=(640, 480),
            fps=25,
        ),
        clip_id="yard",
    )
    assert (clip.start, clip.clip_id) == (3, "yard")
    assert (clip.fps, clip.frame_size) == (25, (640, 480))
    assert clip.visibility.sum(1).tolist() == [17, 16, 0, 17, 17, 17]
    assert clip.confidence[:, 0].tolist() == pytest.approx(
        [0.7, 0.7, 0, 0.7, 0.7, 0.7]
    )
    assert np.isnan(clip.boxes[2]).all()
    assert clip.boxes[3].tolist() == [0, 0, 40, 100]
    # Its coordinates are a guess, which the clip keeps.
    assert np.isfinite(clip.poses[1, 2]).all()


def test_nobody_at_all():
    assert tracks.people(found([])) == []
    empty = found([(0, 0), (1, 0)], visibility=np.zeros((2, 17)))
    assert tracks.people(empty) == []
    assert tracks.people(found([], ids=[])) == []


def test_people_far_apart_in_time_are_refused():
    rows = [(0, 0), (tables.MAX_FRAMES, 0)]
    with pytest.raises(ValueError, match="within 1000000 frames"):
        tracks.people(found(rows, ids=[1, 1]))


def test_visible_joint_beyond_any_picture_is_named_by_its_frame():
    rows = [(t, 0) for t in range(20, 30)]
    poses, visibility = found(rows).poses.copy(), np.ones((10, 17), bool)
    poses[5, 9] = 1e30
    with pytest.raises(ValueError, match="left_wrist in frame 25"):
        tracks.people(
            detections.Detections(
                skeleton=COCO, frames=range(20, 30), poses=poses
            )
        )
    visibility[5, 9] = False
    boxes = np.full((10, 4), 1e30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (clip,) = tracks.people(
            detections.Detections(
                skeleton=COCO,
                frames=range(20, 30),
                poses=poses,
                visibility=visibility,
                boxes=boxes,
            )
        )
    assert np.isnan(clip.poses[5, 9]).all()


def test_in_space():
    """Two people behind each other, who change places."""
    skeleton = skeletons.KINECT_25
    body = np.random.default_rng(SEED).uniform(0, 1, (25, 3)) * [0.5, 1.8, 0.3]
    frames = np.repeat(np.arange(30), 2)
    depths = np.stack([np.linspace(2, 5, 30), np.linspace(5.05, 2.05, 30)], 1)
    poses = body + depths.reshape(-1, 1, 1) * [0, 0, 1]
    clips = tracks.people(
        detections.Detections(
            skeleton=skeleton, frames=frames, poses=poses, unit="meters"
        )
    )
    ends = [clip.poses[[0, -1], 0, 2] - body[0, 2] for clip in clips]
    np.testing.assert_allclose(ends, [[2, 5], [5.05, 2.05]], atol=1e-4)


ROWS = strategies.lists(
    strategies.tuples(
        strategies.integers(0, 12),  # Frame.
        strategies.integers(0, 30).map(lambda x: 15 * x),
        strategies.integers(-1, 3),  # Id.
    ),
    max_size=40,
)


@hypothesis.given(ROWS, strategies.booleans(), strategies.integers(1, 6))
@hypothesis.settings(deadline=None)
def test_no_row_is_in_two_clips_and_no_frame_of_a_clip_holds_two(
    rows, with_ids, min_frames
):
    """Each row is marked by a confidence of its own."""
    rows.sort(key=lambda row: row[0])
    marks = np.arange(1, len(rows) + 1)
    given = found(
        [row[:2] for row in rows],
        ids=[row[2] for row in rows] if with_ids else None,
        confidence=np.repeat(marks, 17).reshape(-1, 17),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clips = tracks.people(given, min_frames=min_frames)
    used = []
    for clip in clips:
        for t in np.flatnonzero(clip.visibility.any(1)):
            (mark,) = {int(m) for m in clip.confidence[t]}
            used.append(mark)
            assert rows[mark - 1][0] == clip.start + t
            np.testing.assert_array_equal(clip.poses[t], given.poses[mark - 1])
            if with_ids and rows[mark - 1][2] >= 0:
                assert rows[mark - 1][2] == clip.person
    assert len(used) == len(set(used))
    assert len({clip.person for clip in clips}) == len(clips)
    assert bool(clips) == bool(rows)
