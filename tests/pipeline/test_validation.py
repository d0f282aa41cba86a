"""Statistics, schema and anomalies of clips worked out by hand."""

import numpy as np
import pytest
import tensorflow as tf
from tensorflow_metadata.proto.v0 import (
    anomalies_pb2,
    schema_pb2,
    statistics_pb2,
)

from pose_tf.pipeline import (
    example_gen,
    example_validator,
    schema_gen,
    statistics_gen,
)


@pytest.fixture
def clips(figure, clips_of):
    """Training clips of 4 and 2 frames, a test clip of 3; two actions."""

    def named(ds, prefix):
        return ds.map(
            lambda clip: {**clip, "clip_id": prefix + clip["clip_id"]}
        )

    return example_gen.Clips(
        train=named(clips_of((4, 2)), "train_"),
        test=named(clips_of((3,)), "test_"),
        actions=("bowl", "squat"),
        views=("front",),
        skeleton=figure,
    )


def changed(clips, split, number, **changes):
    """The clips, with values of one clip replaced."""

    def change(index, clip):
        for key, function in changes.items():
            value = function(clip[key])
            clip = {
                **clip,
                key: tf.where(index == number, value, clip[key]),
            }
        return clip

    ds = getattr(clips, split)
    count = int(ds.cardinality())
    ds = ds.enumerate().map(change)
    ds = ds.apply(tf.data.experimental.assert_cardinality(count))
    return example_gen.Clips(
        **{
            "train": clips.train,
            "test": clips.test,
            "actions": clips.actions,
            "views": clips.views,
            "skeleton": clips.skeleton,
            split: ds,
        }
    )


def schema_of(clips):
    return schema_gen.infer(statistics_gen.generate(clips))


def features_of(dataset):
    return {".".join(f.path.step): f for f in dataset.features}


class TestStatistics:
    def test_numbers_by_hand(self, clips):
        statistics = statistics_gen.generate(clips)
        train, test = statistics.datasets
        assert (train.name, train.num_examples) == ("train", 2)
        assert (test.name, test.num_examples) == ("test", 1)
        # x is 0 1 2 3 and 100 101 at three joints each.
        x = features_of(train)["poses.x"].num_stats
        assert (x.min, x.max) == (0, 101)
        assert x.mean == pytest.approx(207 / 6)
        assert x.std_dev == pytest.approx(np.std([0, 1, 2, 3, 100, 101]))
        assert x.num_zeros == 3
        assert x.median == pytest.approx(2, abs=101 / 1000)  # To a bin.
        assert x.common_stats.tot_num_values == 18
        assert x.common_stats.min_num_values == 6
        assert x.common_stats.max_num_values == 12
        (histogram,) = x.histograms
        counts = [bucket.sample_count for bucket in histogram.buckets]
        assert counts == [12, 0, 0, 0, 0, 0, 0, 0, 0, 6]
        assert histogram.buckets[0].low_value == 0
        assert histogram.buckets[9].high_value == pytest.approx(101)
        frames = features_of(train)["num_frames"].num_stats
        assert (frames.min, frames.max, frames.mean) == (2, 4, 3)

    def test_text_by_hand(self, clips):
        train = statistics_gen.generate(clips).datasets[0]
        action = features_of(train)["action"]
        assert action.type == statistics_pb2.FeatureNameStatistics.STRING
        assert action.string_stats.unique == 2
        view = features_of(train)["view"].string_stats
        assert [(v.value, v.frequency) for v in view.top_values] == [
            ("front", 2)
        ]

    def test_hidden_joints_do_not_count(self, clips):
        hidden = changed(
            clips,
            "train",
            0,
            visibility=tf.zeros_like,
            poses=lambda poses: poses + 1e9,
        )
        train = statistics_gen.generate(hidden).datasets[0]
        x = features_of(train)["poses.x"].num_stats
        assert (x.min, x.max) == (100, 101)
        assert x.common_stats.num_missing == 1
        seen = features_of(train)["visibility"].num_stats
        assert seen.mean == pytest.approx(6 / 18)

    def test_values_that_are_not_finite_are_counted_separately(self, clips):
        broken = changed(
            clips, "train", 1, poses=lambda poses: poses + np.float32(np.nan)
        )
        train = statistics_gen.generate(broken).datasets[0]
        x = features_of(train)["poses.x"].num_stats
        assert (x.max, x.histograms[0].num_nan) == (3, 6)

    def test_saved_and_loaded(self, clips, tmp_path):
        statistics = statistics_gen.generate(clips)
        statistics_gen.save(statistics, tmp_path / "statistics.pb")
        assert statistics_gen.load(tmp_path / "statistics.pb") == statistics


class TestSchema:
    def test_ranges_are_widened_by_their_width(self, clips):
        schema = schema_of(clips)
        features = {feature.name: feature for feature in schema.feature}
        x = features["poses.x"].float_domain
        assert (x.min, x.max) == (-101, 202)
        frames = features["num_frames"].float_domain
        assert frames.min == 1 and not frames.HasField("max")
        assert features["visibility"].float_domain.max == 1

    def test_text_that_comes_back_has_a_domain(self, figure, clips_of):
        clips = example_gen.Clips(
            train=clips_of((1, 2, 3)),
            test=clips_of(()),
            actions=("bowl", "squat"),
            views=("front",),
            skeleton=figure,
        )
        schema = schema_of(clips)
        domains = {d.name: list(d.value) for d in schema.string_domain}
        assert domains == {"action": ["bowl", "squat"], "view": ["front"]}
        features = {feature.name: feature for feature in schema.feature}
        assert features["action"].type == schema_pb2.BYTES
        assert features["action"].presence.min_fraction == 1
        assert not features["clip_id"].domain

    def test_saved_as_text_and_loaded(self, clips, tmp_path):
        schema = schema_of(clips)
        schema_gen.save(schema, tmp_path / "schema.pbtxt")
        assert 'name: "poses.x"' in (tmp_path / "schema.pbtxt").read_text()
        assert schema_gen.load(tmp_path / "schema.pbtxt") == schema

    def test_no_schema(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            schema_gen.load(tmp_path / "schema.pbtxt")
        (tmp_path / "schema.pbtxt").write_text("feature { nome: 1 }")
        with pytest.raises(ValueError, match=r"`path`.*schema.pbtxt.*nome"):
            schema_gen.load(tmp_path / "schema.pbtxt")

    def test_no_training_clips(self):
        empty = statistics_pb2.DatasetFeatureStatisticsList()
        with pytest.raises(ValueError, match="`statistics`.*no dataset"):
            schema_gen.infer(empty)


class TestValidator:
    def test_the_training_clips_keep_to_their_schema(self, clips):
        report = example_validator.validate(clips, schema_of(clips))
        assert report.bad_clips == ()
        assert not report.anomalies.anomaly_info
        assert example_validator.handle(clips, report) is clips

    @pytest.mark.parametrize(
        ("feature", "change", "kind", "reason"),
        [
            (
                "poses.x",
                {"poses": lambda poses: poses + 1000},
                "FLOAT_TYPE_BIG_FLOAT",
                "at most 202. Received: 1002",
            ),
            (
                "boxes.y1",
                {"boxes": lambda boxes: boxes - 100},
                "FLOAT_TYPE_SMALL_FLOAT",
                "at least 20. Received: -80",
            ),
            (
                "poses.y",
                {"poses": lambda poses: poses + [0, np.float32(np.inf)]},
                "FLOAT_TYPE_HAS_NAN",
                "must be finite. Received: inf",
            ),
            (
                "frame_size.width",
                {"frame_size": lambda size: size * 0},
                "FLOAT_TYPE_SMALL_FLOAT",
                "at least 1. Received: 0",
            ),
        ],
    )
    def test_bad_numbers(self, clips, feature, change, kind, reason):
        broken = changed(clips, "test", 0, **change)
        report = example_validator.validate(broken, schema_of(clips))
        (bad,) = [b for b in report.bad_clips if b.feature == feature]
        assert (bad.split, bad.clip_id) == ("test", "test_clip0")
        assert reason in bad.reason
        info = report.anomalies.anomaly_info[feature]
        assert info.severity == anomalies_pb2.AnomalyInfo.ERROR
        assert [r.short_description for r in info.reason] == [kind]
        assert list(info.path.step) == feature.split(".")

    def test_unknown_action(self, clips):
        schema = schema_of(clips)
        domain = schema.string_domain.add(name="action")
        domain.value.append("bowl")
        for feature in schema.feature:
            if feature.name == "action":
                feature.domain = "action"
        report = example_validator.validate(clips, schema)
        (bad,) = report.bad_clips
        assert bad.clip_id == "train_clip1"
        assert bad.reason == "must be one of bowl. Received: 'squat'"

    def test_a_clip_on_both_sides(self, clips):
        leaky = changed(
            clips,
            "test",
            0,
            clip_id=lambda _: tf.constant("train_clip1"),
        )
        report = example_validator.validate(leaky, schema_of(clips))
        (bad,) = report.bad_clips
        assert (bad.split, bad.feature) == ("test", "clip_id")

    def test_a_clip_of_guesses_is_doubtful(self, clips):
        hidden = changed(clips, "test", 0, visibility=tf.zeros_like)
        report = example_validator.validate(hidden, schema_of(clips))
        assert report.bad_clips == ()
        info = report.anomalies.anomaly_info["visibility"]
        assert info.severity == anomalies_pb2.AnomalyInfo.WARNING
        assert info.description == (
            "test clip test_clip0: must be 1 somewhere. "
            "Received: 0 in all 3 frames"
        )

    @pytest.mark.parametrize(
        "change, feature, reason",
        [
            (
                {
                    "visibility": tf.zeros_like,
                    "poses": lambda poses: poses * np.float32(np.nan),
                },
                "visibility",
                "must be 1 somewhere. Received: 0 in all 2 frames",
            ),
            (
                {"poses": lambda poses: poses * 0 + [100.0, 7.0]},
                "poses",
                "at one point, such as [100.0, 7.0]",
            ),
            (
                # A path, but no body on it.
                {"poses": lambda poses: poses[:, :1] + 0 * poses},
                "poses",
                "at one point, such as [100.0, 0.0]",
            ),
            (
                {"poses": lambda poses: tf.where(poses == 2, 1e9, poses)},
                "poses",
                "Received: [100.0, 1000000000.0] for head in frame 0",
            ),
        ],
    )
    def test_unusable_clips(self, clips, change, feature, reason):
        """Also where the schema was inferred with them."""
        broken = changed(clips, "train", 1, **change)
        report = example_validator.validate(broken, schema_of(broken))
        (bad,) = [b for b in report.bad_clips if b.feature == feature]
        assert (bad.split, bad.clip_id) == ("train", "train_clip1")
        assert reason in bad.reason
        info = report.anomalies.anomaly_info[feature]
        assert info.severity == anomalies_pb2.AnomalyInfo.ERROR

    def test_a_wild_guess_is_found(self, clips):
        """Models may use the guessed places of hidden joints."""
        broken = changed(
            clips,
            "train",
            1,
            poses=lambda poses: tf.where(poses == 2, -1e20, poses),
            visibility=lambda seen: seen & [True, True, False],
        )
        report = example_validator.validate(broken, schema_of(broken))
        (bad,) = report.bad_clips
        assert "pixels from the middle of the clip" in bad.reason

    def test_stop(self, clips):
        broken = changed(clips, "train", 1, poses=lambda poses: poses + 1000)
        report = example_validator.validate(broken, schema_of(clips))
        with pytest.raises(
            ValueError, match="train clip train_clip1, poses.x: must be at most"
        ):
            example_validator.handle(broken, report, "stop")

    def test_quarantine(self, clips, tmp_path):
        broken = changed(clips, "train", 1, poses=lambda poses: poses + 1000)
        report = example_validator.validate(broken, schema_of(clips))
        left = example_validator.handle(broken, report, "quarantine")
        names = [c["clip_id"] for c in left.train.as_numpy_iterator()]
        assert names == [b"train_clip0"]
        assert int(left.train.cardinality()) == 1
        assert [key.clip_id for key in left.train_index] == ["train_clip0"]
        assert left.test is broken.test

        example_validator.save(report, tmp_path)
        text = (tmp_path / "quarantine.json").read_text()
        assert '"clip_id": "train_clip1"' in text and "at most 202" in text
        assert (
            "FLOAT_TYPE_BIG_FLOAT" in (tmp_path / "anomalies.pbtxt").read_text()
        )

    def test_nothing_left(self, clips):
        broken = changed(clips, "train", 0, poses=lambda poses: poses + 1000)
        broken = changed(broken, "train", 1, poses=lambda poses: poses + 1000)
        report = example_validator.validate(broken, schema_of(clips))
        with pytest.raises(ValueError, match="At least one training clip"):
            example_validator.handle(broken, report, "quarantine")

    def test_unknown_choice(self, clips):
        report = example_validator.validate(clips, schema_of(clips))
        with pytest.raises(ValueError, match="stop, quarantine.*'ignore'"):
            example_validator.handle(clips, report, "ignore")


def test_penn_action_keeps_to_its_schema(penn_action_data_dir):
    clips = example_gen.load("penn_action", data_dir=penn_action_data_dir)
    statistics = statistics_gen.generate(clips)
    train, test = statistics.datasets
    assert (train.num_examples, test.num_examples) == (1258, 1068)
    frames = features_of(train)["num_frames"].num_stats
    assert frames.common_stats.tot_num_values == 1258
    assert frames.mean * 1258 == pytest.approx(87543)
    # Counted in the .mat files.
    shares = [
        features_of(dataset)["visibility"].num_stats
        for dataset in (train, test)
    ]
    seen = sum(s.mean * s.common_stats.tot_num_values for s in shares)
    total = sum(s.common_stats.tot_num_values for s in shares)
    assert seen / total == pytest.approx(0.77957, abs=1e-5)
    report = example_validator.validate(clips, schema_gen.infer(statistics))
    assert report.bad_clips == ()
    # Of one clip its annotator only guessed.
    (anomaly,) = report.anomalies.anomaly_info.values()
    assert anomaly.description.startswith("train clip 1516: must be 1 some")
