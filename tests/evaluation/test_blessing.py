"""The rules of blessing, on models that are as good as we like."""

import dataclasses

import numpy as np
import pytest

from pose_tf import presets
from pose_tf.evaluation import blessing, generation
from pose_tf.pipeline import example_gen, single_poses, windows
from pose_tf.pose import skeletons

SKELETON = skeletons.PENN_ACTION


@pytest.fixture(scope="module")
def clips(tiny_data_dir):
    return example_gen.load("penn_action", data_dir=tiny_data_dir)


@pytest.fixture(scope="module")
def truth(clips):
    """Every test window of 10 frames, by its first frame."""
    ds = windows.window_batches(
        clips.test, length=10, stride=5, batch_size=512, skeleton=SKELETON
    )
    (batch,) = ds.as_numpy_iterator()
    return {w[0].tobytes(): w for w in batch["poses"]}


def embed(poses, visibility):
    """Three units that vary, and one that hardly does."""
    mean = poses[..., :2, :].reshape(*poses.shape[:2], 4).copy()
    mean[..., 3] *= 1e-6
    return mean


class TestVAE:
    def judge(self, clips, error, latent_dim=2):
        """Judges what gives poses back, `error` pixels off to the right."""
        return blessing.evaluate_vae(
            lambda poses, visibility: poses + np.float32([error, 0]),
            embed,
            clips.train,
            clips.test,
            dataclasses.replace(
                presets.get("vae", "tiny"), latent_dim=latent_dim
            ),
        )

    def test_better_than_pca(self, clips):
        found, baseline, conditions = self.judge(clips, 0.0)
        assert found["mpjpe"] == 0
        assert baseline["pca_num_components"] == 2
        # Torso lengths: PCA of 2 dimensions is off by some percent of one.
        assert 0.005 < baseline["pca_mpjpe"] < 0.3
        assert [holds for holds, _ in conditions] == [True]

    def test_worse_than_pca(self, clips):
        found, _, conditions = self.judge(clips, 36.0)
        # Torsos are 35 px at a size of 1, which is 0.9 to 1.3.
        assert 36 / 35 / 1.35 < found["mpjpe"] < 36 / 35 / 0.85
        assert [holds for holds, _ in conditions] == [False]
        assert "0." in conditions[0][1] and "PCA" in conditions[0][1]

    def test_batches_of_other_lengths_change_nothing(self, clips, monkeypatch):
        whole = self.judge(clips, 36.0)
        monkeypatch.setattr(blessing, "CLIPS_PER_BATCH", 2)  # Of 6 test clips.
        parts = self.judge(clips, 36.0)
        for of_whole, of_parts in zip(whole[:2], parts[:2], strict=True):
            assert of_parts == pytest.approx(of_whole, rel=1e-4)

    def test_more_dimensions_make_pca_better(self, clips):
        errors = [
            self.judge(clips, 0.0, latent_dim=n)[1]["pca_mpjpe"]
            for n in (2, 10)
        ]
        assert errors[1] < errors[0]

    @pytest.mark.parametrize("latent_dim", [26, 80])
    def test_as_many_dimensions_as_the_pose_count_active_ones(
        self, clips, latent_dim
    ):
        _, baseline, _ = self.judge(clips, 0.0, latent_dim)
        assert baseline["pca_num_components"] == 3

    def test_memory_of_pca_is_bounded(self, clips, monkeypatch):
        monkeypatch.setattr(blessing, "MAX_FITTED_POSES", 100)
        config = presets.get("vae", "tiny")
        batches = blessing.clip_batches(clips.train, config)
        transform = single_poses.fit_transform(clips.train, SKELETON)
        kept = blessing._some_poses(batches, transform)
        assert 50 <= len(kept) <= 100
        assert kept.shape[1:] == (13, 2)


class Classifier:
    """Right on the first clips, as many as `right`."""

    def __init__(self, clips, right):
        self.actions = clips.actions
        self.answers = {
            clip["poses"][0].tobytes(): clip["action"]
            for clip in clips.test.as_numpy_iterator()
        }
        self.right = right

    def classify(self, poses, visibility, num_frames):
        poses = np.asarray(poses)
        answers = np.array([self.answers[pose[0].tobytes()] for pose in poses])
        shift = np.arange(len(poses)) >= self.right
        return np.eye(len(self.actions))[(answers + shift) % len(self.actions)]


class TestClassifier:
    config = presets.get("classifier", "tiny")

    def test_must_beat_the_nearest_neighbour(self, clips, monkeypatch):
        judge = lambda right: blessing.evaluate_classifier(
            Classifier(clips, right).classify,
            clips.train,
            clips.test,
            self.config,
        )
        found, baseline, conditions = judge(right=6)
        assert (found["top1"], found["num_clips"]) == (100.0, 6)
        assert set(baseline) == {
            "nearest_neighbor_top1",
            "logistic_regression_top1",
        }
        nearest = baseline["nearest_neighbor_top1"]
        assert [holds for holds, _ in conditions] == [nearest < 100]
        found, _, conditions = judge(right=0)
        assert found["top1"] == 0
        assert [holds for holds, _ in conditions] == [False]


class TestGenerator:
    config = presets.get("generator", "tiny")

    @pytest.fixture(autouse=True)
    def short(self, monkeypatch):
        """Looks at samples over as many frames as the truth is known for."""
        monkeypatch.setattr(generation, "HEALTH_HORIZON", 5)
        monkeypatch.setattr(generation, "HEALTH_STRIDE", self.config.stride)

    def judge(self, clips, predict, sample=None):
        return generation.evaluate_generator(
            predict,
            sample or (lambda poses, seen, *_: predict(poses, seen)[:, None]),
            clips.train,
            clips.test,
            self.config,
        )

    def knowing(self, truth, error=0.0):
        """What predicts the truth, `error` pixels off."""

        def predict(poses, visibility):
            futures = [truth[w[0].tobytes()] for w in poses]
            return np.stack(futures)[:, -self.config.horizon :] + error

        return predict

    def test_the_truth_is_blessed(self, clips, truth):
        found, baseline, conditions = self.judge(clips, self.knowing(truth))
        np.testing.assert_allclose(found["pck"], [100] * 5)
        assert set(baseline) == {"zero_velocity", "constant_velocity"}
        assert baseline["zero_velocity"]["mean_pck"] < 100
        assert list(found["health"]) == [
            "real",
            "zero_velocity",
            "prediction",
            "samples",
        ]
        np.testing.assert_allclose(found["health"]["samples"]["lag_energy"], 1)
        assert len(conditions) == 4
        assert all(holds for holds, _ in conditions)

    def test_the_wrong_is_not(self, clips, truth):
        found, _, conditions = self.judge(clips, self.knowing(truth, 1000.0))
        np.testing.assert_allclose(found["pck"], [0] * 5)
        # It jumps away and moves on; that is not frozen, but wild.
        held = [holds for holds, _ in conditions]
        assert held == [False, False, False, True]
        assert "must be 0.4 to 2" in conditions[2][1]

    def test_what_freezes_is_not_blessed_however_precise(self, clips, truth):
        found, _, conditions = self.judge(
            clips,
            self.knowing(truth),
            lambda poses, seen, horizon, *_: np.repeat(
                poses[:, None, -1:], horizon, 2
            ),
        )
        held = [holds for holds, _ in conditions]
        assert held == [True, True, False, False]
        assert found["health"]["samples"]["frozen"] > 50

    def test_tprnn_has_one_frame_to_go_by(self, clips):
        self.config = dataclasses.replace(
            presets.get("generator", "tprnn"), horizon=4
        )
        found, baseline, conditions = self.judge(
            clips, lambda poses, visibility: np.repeat(poses, 4, axis=1)
        )
        assert set(baseline) == {"zero_velocity"}
        assert "health" not in found
        assert found["num_windows"] == sum(
            key.num_frames for key in clips.test_index
        )
        # It repeats the last pose as well: as good, so not better.
        np.testing.assert_allclose(
            found["pck"], baseline["zero_velocity"]["pck"]
        )
        assert [holds for holds, _ in conditions] == [False, False]

    @pytest.mark.parametrize(
        ("pck", "better", "expected"),
        [
            ([99, 80, 60], [98, 79, 59], [True, True]),
            ([97.9, 80, 60], [98, 79, 59], [True, False]),  # Below at one.
            ([98, 80, 60], [98, 79, 59], [True, False]),  # As good at one.
            ([98, 79, 59], [98, 79, 59], [False, False]),  # No better.
            ([99, 80, np.nan], [98, 79, np.nan], [True, True]),
        ],
    )
    def test_conditions(self, pck, better, expected):
        conditions = generation._compare_horizons(
            np.array(pck), np.array(better)
        )
        assert [bool(holds) for holds, _ in conditions] == expected
