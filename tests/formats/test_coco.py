"""COCO's results, AlphaPose's, and annotations."""

import json

import numpy as np
import pytest

from pose_tf.formats import coco, detections, read, sources
from pose_tf.pose import skeletons
from tests.support import json_recordings, refusals, two_people

COCO = skeletons.COCO_17


def raw(path) -> detections.Detections:
    return coco.read(sources.Source(path), sources.Options())


def results(folder, rows):
    """Writes a results file of (image, further keys) of a pose of 17 joints."""
    keypoints = np.arange(1.0, 52).reshape(17, 3)
    keypoints[:, 2] = 0.5
    values = [
        {
            "image_id": image,
            "category_id": 1,
            "keypoints": keypoints.ravel().tolist(),
            "score": 0.5,
            **more,
        }
        for image, more in rows
    ]
    path = folder / "results.json"
    path.write_text(json.dumps(values))
    return path


def test_results_are_people_in_pixels(tmp_path):
    clips = read.read(json_recordings.write_coco(tmp_path))
    assert [one.person for one in clips] == [0, 1]
    for one, poses, confidence in zip(
        clips, two_people.poses(), two_people.confidence(), strict=True
    ):
        assert one.skeleton == COCO
        assert (one.start, len(one.poses)) == (0, two_people.NUM_FRAMES)
        np.testing.assert_allclose(one.poses, poses, atol=1e-3)
        np.testing.assert_allclose(one.confidence, confidence, atol=1e-3)
        np.testing.assert_array_equal(one.visibility, confidence > 0.3)
    right = clips[0].poses[:, COCO.joints.index("right_wrist"), 0]
    left = clips[0].poses[:, COCO.joints.index("left_wrist"), 0]
    assert (right < left).all()


def test_alphapose_numbers_pictures_and_may_track(tmp_path):
    path = json_recordings.write_alphapose(tmp_path)
    found = raw(path)
    assert found.skeleton == skeletons.HALPE_26
    np.testing.assert_array_equal(
        found.frames, np.repeat(np.arange(two_people.NUM_FRAMES), 2)
    )
    assert set(found.ids.tolist()) == {1, 2}
    assert found.confidence.max() == pytest.approx(1.035)
    clips = read.read(path)
    assert [one.person for one in clips] == [1, 2]
    assert clips[0].confidence.max() == 1
    head = skeletons.HALPE_26.joints.index("head_top")
    np.testing.assert_allclose(clips[0].poses[0, head], [160, 72], atol=1e-3)
    pose = two_people.poses(skeletons.HALPE_26)[1, 0]
    np.testing.assert_allclose(
        clips[1].boxes[0], two_people.box(pose), atol=1e-2
    )


def test_alphapose_without_tracking_gives_everybody_the_id_0(tmp_path):
    rows = [(f"{n}.jpg", {"idx": [0.0]}) for n in range(3)]
    assert raw(results(tmp_path, rows)).ids.tolist() == [0, 0, 0]
    assert raw(results(tmp_path, 2 * rows)).ids is None


def test_ids_may_be_lists_texts_and_missing(tmp_path):
    rows = [(0, {"idx": [[3.0], [4.0]]}), (1, {}), (2, {"idx": 5})]
    assert raw(results(tmp_path, rows)).ids.tolist() == [3, -1, 5]
    rows = [(0, {"track_id": "b"}), (1, {"track_id": "a"}), (2, {})]
    assert raw(results(tmp_path, rows)).ids.tolist() == [0, 1, -1]


def test_images_out_of_order_are_sorted_and_gaps_stay(tmp_path):
    found = raw(results(tmp_path, [(12, {}), (7, {}), (9, {}), (7, {})]))
    assert found.frames.tolist() == [0, 0, 2, 5]
    assert found.num_frames == 6
    found = raw(results(tmp_path, [("b/v2_09.mp4.jpg", {}), ("v2_008", {})]))
    assert found.frames.tolist() == [0, 1]
    found = raw(results(tmp_path, [("x.jpg", {}), ("b.jpg", {}), ("x", {})]))
    assert found.frames.tolist() == [0, 1, 2]


def test_annotations_name_joints_and_flag_them(tmp_path):
    clips = read.read(json_recordings.write_coco_annotations(tmp_path))
    penn = skeletons.PENN_ACTION
    poses = two_people.poses(penn)
    knee = penn.joints.index("left_knee")
    for person, one in enumerate(clips):
        assert one.skeleton == penn
        assert one.person == person
        assert one.confidence is None
        assert one.frame_size == two_people.FRAME_SIZE
        np.testing.assert_allclose(one.poses, poses[person], atol=1e-3)
        hidden = np.zeros_like(one.visibility)
        hidden[:, knee] = person == 0
        np.testing.assert_array_equal(one.visibility, ~hidden)


def annotated(folder, flags, names=("a_1.png", "a_2.png"), **more):
    """Writes annotations of one person whose joints all have these flags."""
    annotations = [
        {
            "id": 9 - n,
            "image_id": 50 + n,
            "category_id": 1,
            "keypoints": [10.0 + n, 20.0, flag] * 17,
        }
        for n, flag in enumerate(flags)
    ]
    images = [{"id": 50 + n, "file_name": name} for n, name in enumerate(names)]
    path = folder / "annotations.json"
    value = {"images": images, "annotations": annotations, **more}
    path.write_text(json.dumps(value))
    return path


def test_flags_mean_missing_hidden_and_visible(tmp_path):
    found = raw(annotated(tmp_path, [0, 2]))
    assert np.isnan(found.poses[0]).all()
    assert found.visibility.tolist() == [[False] * 17, [True] * 17]
    assert raw(annotated(tmp_path, [1, 2])).visibility[0].sum() == 0
    # Who never writes 2 means by 1 that a joint is there.
    assert raw(annotated(tmp_path, [1, 1])).visibility.all()
    confident = raw(annotated(tmp_path, [0.25, 1]))
    assert confident.visibility is None
    assert confident.confidence[:, 0].tolist() == [0.25, 1]


@pytest.mark.parametrize(
    ("names", "frames"),
    [
        (("a_10.png", "a_07.png"), [0, 3]),
        (("a_10.png", "b_07.png"), [0, 1]),  # Not one video: by id.
        (("a.rf.3f1.jpg", "a.rf.0c8.jpg"), [0, 1]),
        (("a_7.png", "a_07.png"), [0, 1]),
        (("a.png", None), [0, 1]),
    ],
)
def test_names_of_images_number_frames_if_they_differ_only_in_that(
    tmp_path, names, frames
):
    found = raw(annotated(tmp_path, [2, 2], names))
    assert found.frames.tolist() == frames


def test_images_of_nobody_make_the_recording_longer(tmp_path):
    found = raw(annotated(tmp_path, [2], ("1", "2", "9")))
    assert found.num_frames == 9


def test_crowds_and_things_are_left_out(tmp_path):
    path = annotated(tmp_path, [2, 2, 2], ("1", "2", "3"))
    value = json.loads(path.read_text())
    value["annotations"][0]["iscrowd"] = 1
    value["annotations"][1]["category_id"] = 2
    del value["annotations"][1]["keypoints"]
    value["categories"] = [
        {"id": 1, "name": "person", "keypoints": list(COCO.joints)},
        {"id": 2, "name": "ball"},
    ]
    path.write_text(json.dumps(value))
    assert raw(path).frames.tolist() == [2]


def test_whole_bodies_are_read_down_to_the_body(tmp_path):
    path = tmp_path / "a.json"
    for num_joints, skeleton in (
        (133, COCO),
        (136, skeletons.HALPE_26),
    ):
        keypoints = np.arange(3.0 * num_joints).tolist()
        path.write_text(json.dumps([{"image_id": 1, "keypoints": keypoints}]))
        found = raw(path)
        assert found.skeleton == skeleton
        assert (
            found.poses[0, -1].tolist()
            == keypoints[
                3 * skeleton.num_joints - 3 : 3 * skeleton.num_joints - 1
            ]
        )


def test_joints_may_be_lists_of_their_own_and_results_lines(tmp_path):
    keypoints = [[n, 5.0, 0.5] for n in range(17)]
    path = tmp_path / "a.jsonl"
    line = json.dumps({"image_id": 1, "keypoints": keypoints})
    path.write_text(f"{line}\n{line}\n")
    found = raw(path)
    assert found.frames.tolist() == [0, 0]
    assert found.poses[1, :, 0].tolist() == list(range(17))


def test_nobody_is_no_clip(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[]")
    assert read.read(path) == []
    assert read.read(annotated(tmp_path, [])) == []


def test_what_is_no_place_is_missing(tmp_path):
    keypoints = [1e308, 5.0, 0.9, None, 5.0, 0.9, float("nan"), 5.0, 0.9]
    rows = [
        (n, {"keypoints": keypoints + [7.0, 5.0, 0.9] * 14}) for n in (0, 1)
    ]
    (one,) = read.read(results(tmp_path, rows))
    assert one.visibility[0].tolist() == [False] * 3 + [True] * 14


def test_the_item_of_a_missing_key_is_named(tmp_path):
    path = results(tmp_path, [(n, {}) for n in range(5001)])
    said = refusals.of_changed(path, lambda rows: rows[4999].pop("keypoints"))
    assert said == (
        "each must have 'keypoints'. Received: an object of 'image_id', "
        "'category_id', 'score' in item 5000"
    )


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "keypoints",
            [1, 2, "abc"] + [1] * 48,
            "cells must be numbers. Received: 'abc' in item 7, keypoints",
        ),
        (
            "keypoints",
            [1] * 48,
            "keypoints must have the same length everywhere. "
            + "Received: 48 in item 7, keypoints, and 51 before",
        ),
        (
            "keypoints",
            None,
            "keypoints must be lists. Received: null in item 7, keypoints",
        ),
        (
            "keypoints",
            [10**400] + [1] * 50,
            "cells must be numbers. Received: '100000000…' in item 7, keypoints",
        ),
        (
            "keypoints",
            [True] + [1] * 50,
            "cells must be numbers. Received: True in item 7, keypoints",
        ),
        (
            "image_id",
            1.5,
            "frames must be whole numbers. Received: 1.5 in item 7",
        ),
        (
            "image_id",
            float("nan"),
            "frames must be whole numbers. Received: nan in item 7",
        ),
        (
            "score",
            "high",
            "cells must be numbers. Received: 'high' in item 7, score",
        ),
        (
            "bbox",
            [1, 2, 3],
            "box must have the same length everywhere. "
            + "Received: 3 in item 7, box, and 4 before",
        ),
    ],
)
def test_a_bad_cell_is_named(tmp_path, key, value, said):
    path = results(tmp_path, [(n, {}) for n in range(9)])
    changed = {key: value}
    assert (
        refusals.of_changed(path, lambda rows: rows[6].update(changed)) == said
    )


def test_a_wrong_number_of_joints_is_named(tmp_path):
    rows = [(n, {"keypoints": [1.0] * 50}) for n in range(3)]
    said = refusals.message(results(tmp_path, rows))
    assert (
        said
        == "keypoints must hold 3 numbers per joint. Received: 50 in item 1"
    )
    rows = [(n, {"keypoints": [1.0] * 12}) for n in range(3)]
    said = refusals.message(results(tmp_path, rows))
    assert said.endswith("Received: 4 joints in 2 coordinates")


def test_annotations_of_other_joints_or_images_are_refused(tmp_path):
    def categories(*joints):
        return [{"id": 1, "keypoints": list(joints)}]

    path = annotated(tmp_path, [2], categories=categories(*COCO.joints[:16]))
    assert (
        "the 16 joints that categories name. Received: 17 in annotation 1"
        in (refusals.message(path))
    )
    twice = (*COCO.joints[:16], "Left Ankle".lower().replace(" ", "-"))
    path = annotated(tmp_path, [2], categories=categories(*twice))
    assert "Received: 'left_ankle' twice" in refusals.message(path)
    path = annotated(tmp_path, [2, 2], names=("1",))
    assert refusals.message(path) == (
        "image_id must be the id of one of images. Received: 51 in annotation 2"
    )


def test_a_person_twice_in_a_frame_is_kept_once(tmp_path):
    rows = [(n, {"track_id": 4}) for n in (0, 1, 2, 3, 4)]
    rows.append((3, {"track_id": 4, "score": 0.9}))
    with pytest.warns(UserWarning, match="several poses of one person: 1"):
        (one,) = read.read(results(tmp_path, rows))
    assert len(one.poses) == 5
    assert one.person == 4
