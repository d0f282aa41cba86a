"""The map of motions: every clip, the right neighbors, and nothing outside."""

import base64
import json
import re

import numpy as np
import pytest

from pose_tf.plots import motion_map
from pose_tf.pose import skeletons
from tests.support import standing_figure

SKELETON = skeletons.PENN_ACTION
# Cosines: a-b 0.96, a-c 0, b-c 0.28, a-d -1.
EMBEDDINGS = np.array([[1, 0], [0.96, 0.28], [0, 2], [-3, 0]])
NAMES = ["a", "b", "c", "d"]
ACTIONS = ["wave", "wave", "jump", "jump"]


def motions(count=4, num_frames=30, actions=ACTIONS):
    pose = standing_figure.pose(SKELETON)
    poses = (
        np.tile(pose, (num_frames, 1, 1)) + np.arange(num_frames)[:, None, None]
    )
    return [
        motion_map.Motion(
            clip_id=NAMES[i % 4] + "x" * (i // 4),
            action=actions[i % len(actions)],
            poses=poses,
            visibility=np.ones(poses.shape[:2], bool),
        )
        for i in range(count)
    ]


def data_of(path):
    text = path.read_text("utf-8")
    (found,) = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>', text
    )
    return json.loads(found)


@pytest.fixture
def page(tmp_path):
    """A map of four clips, and what `write` said of it."""
    path = tmp_path / "map.html"
    made = motion_map.write(
        path, motions(), EMBEDDINGS, SKELETON, num_neighbors=2
    )
    return path, made


class TestPage:
    def test_holds_every_clip_with_its_action(self, page):
        data = data_of(page[0])
        shown = [
            (c["name"], data["actions"][c["action"]]) for c in data["clips"]
        ]
        assert shown == list(zip(NAMES, ACTIONS, strict=True))

    def test_neighbors_are_those_of_the_embedding(self, page):
        neighbors = [clip["neighbors"] for clip in data_of(page[0])["clips"]]
        assert neighbors[0] == [[1, 0.96], [2, 0.0]]
        assert neighbors[1] == [[0, 0.96], [2, 0.28]]
        assert neighbors[2] == [[1, 0.28], [0, 0.0]]
        assert neighbors[3] == [[2, 0.0], [1, -0.96]]

    def test_says_how_often_the_nearest_has_the_same_action(self, page):
        path, made = page
        assert made["agreement"] == 0.75  # All but c, whose nearest is b.
        assert "for 75% of the clips" in data_of(path)["about"]

    def test_asks_nothing_of_a_network(self, page):
        text = page[0].read_text("utf-8")
        for word in ("http:", "https:", "//cdn", "@import", "url(", " src="):
            assert word not in text
        assert "__" not in text.replace(data_of(page[0])["title"], "")
        assert page[1]["num_bytes"] == len(text.encode())

    def test_draws_the_bones_of_the_skeleton(self, page):
        data = data_of(page[0])
        assert [bone[:2] for bone in data["bones"]] == [
            list(pair) for pair in SKELETON.bone_indices
        ]
        assert {bone[2] for bone in data["bones"]} >= {"left", "right"}
        assert data["head"] == SKELETON.joints.index("head")

    def test_text_of_users_ends_no_script(self, tmp_path):
        path = tmp_path / "map.html"
        clips = motions(2, actions=["</script><b>", "__DATA__"])
        motion_map.write(
            path, clips, EMBEDDINGS[:2], SKELETON, title="</script>"
        )
        data = data_of(path)
        assert data["title"] == "</script>"
        assert sorted(data["actions"]) == ["</script><b>", "__DATA__"]
        assert path.read_text().count("</script>") == 2

    def test_one_action_has_no_share_of_the_same(self, tmp_path):
        made = motion_map.write(
            tmp_path / "map.html",
            motions(2, actions=["wave"]),
            EMBEDDINGS[:2],
            SKELETON,
        )
        assert made["agreement"] is None

    def test_a_face_of_several_joints_has_no_ball(self, tmp_path):
        coco, path = skeletons.COCO_17, tmp_path / "map.html"
        poses = np.tile(standing_figure.pose(coco), (5, 1, 1))
        seen = np.ones(poses.shape[:2], bool)
        clip = motion_map.Motion("a", "wave", poses, seen)
        motion_map.write(path, [clip, clip], EMBEDDINGS[:2], coco)
        assert data_of(path)["head"] == -1


class TestPoses:
    def test_are_bytes_of_their_square(self):
        """A square of side 1 + 2 margins, and its missing joint."""
        poses = np.full((1, 13, 2), np.nan)
        poses[0, 0], poses[0, 1] = (10, 20), (110, 120)
        motion = motion_map.Motion("a", "b", poses, np.isfinite(poses[..., 0]))
        text = motion_map._encoded(motion, SKELETON)
        levels = np.frombuffer(base64.b64decode(text), np.uint8)
        levels = levels.reshape(1, 13, 2)
        # The margin is 8 % of the side at each edge: 0.08 and 0.92 of 254.
        np.testing.assert_array_equal(levels[0, :2], [[20, 20], [234, 234]])
        assert (levels[0, 2:] == motion_map.MISSING).all()

    def test_of_long_clips_a_few_frames_are_kept_first_and_last_among_them(
        self,
    ):
        (short, long) = motions(1, 7)[0], motions(1, 500)[0]
        sizes = [
            len(base64.b64decode(motion_map._encoded(motion, SKELETON)))
            for motion in (short, long)
        ]
        assert sizes == [7 * 26, motion_map.MAX_FRAMES * 26]


class TestChoice:
    def test_few_clips_are_all_shown(self):
        assert motion_map.choose(list("aab"), 3).tolist() == [0, 1, 2]

    def test_of_many_each_action_has_its_share(self):
        actions = ["a"] * 600 + ["b"] * 300 + ["c"] * 100
        places = motion_map.choose(actions, 10)
        assert [actions[i] for i in places] == ["a"] * 6 + ["b"] * 3 + ["c"]
        again = motion_map.choose(actions, 10)
        np.testing.assert_array_equal(places, again)
        other = motion_map.choose(actions, 10, seed=1)
        assert places.tolist() != other.tolist()


class TestLayout:
    def test_groups_lie_apart_and_the_map_is_the_same_again(self):
        rng = np.random.default_rng(0)
        groups = np.repeat(np.eye(3, 8), 12, axis=0)
        embeddings = groups + rng.normal(0, 0.05, groups.shape)
        places = motion_map.layout(embeddings)
        np.testing.assert_array_equal(places, motion_map.layout(embeddings))
        assert places.min() == 0 and places.max() == 1
        distances = np.linalg.norm(places[:, None] - places[None], axis=-1)
        same = np.repeat(np.arange(3), 12)
        same = same[:, None] == same[None]
        assert distances[same].max() < distances[~same].min()

    @pytest.mark.parametrize(
        "embeddings",
        [np.ones((5, 3)), np.zeros((20, 3)), np.eye(2), [[1.0], [-1.0]]],
    )
    def test_few_or_equal_embeddings_have_a_place(self, embeddings):
        places = motion_map.layout(np.array(embeddings, float))
        assert places.shape == (len(embeddings), 2)
        assert np.isfinite(places).all()
        assert (places >= 0).all() and (places <= 1).all()


class TestMistakes:
    def write(self, path, count=2, embeddings=EMBEDDINGS[:2], **options):
        motion_map.write(path, motions(count), embeddings, SKELETON, **options)

    def test_a_single_clip_is_no_map(self, tmp_path):
        with pytest.raises(ValueError, match="at least 2 and .*Received: 1"):
            self.write(tmp_path / "a.html", 1, EMBEDDINGS[:1])

    def test_embeddings_must_be_as_many_and_finite(self, tmp_path):
        path = tmp_path / "a.html"
        with pytest.raises(ValueError, match=r"`embeddings` must be \[2, Z\]"):
            self.write(path, embeddings=EMBEDDINGS)
        with pytest.raises(ValueError, match="NaN or infinity for b"):
            self.write(path, embeddings=np.array([[0, 1], [np.nan, 0]]))
        with pytest.raises(ValueError, match="`num_neighbors`.*0"):
            self.write(path, num_neighbors=0)
        assert not path.exists()

    def test_more_clips_than_a_page_holds_are_refused(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.setattr(motion_map, "MAX_CLIPS", 3)
        with pytest.raises(ValueError, match="at most 3 clips. Received: 4"):
            self.write(tmp_path / "a.html", 4, EMBEDDINGS)
