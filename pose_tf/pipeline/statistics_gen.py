"""Computes statistics of clips, as tensorflow-metadata protos.

A clip has values of these features, each a path of names:

    clip_id, action, view                    text, one per clip
    num_frames; frame_size.width, .height    one per clip, frames and pixels
    poses.x, .y (.z)                         of visible joints, pixels
    visibility                               0 or 1, per joint and frame
    boxes.x1, .y1, .x2, .y2                  one per frame, pixels

All clips are read twice (the second time for histograms), one at a time.
"""

import collections
import pathlib

import numpy as np
from tensorflow_metadata.proto.v0 import statistics_pb2

from pose_tf import files

SPLITS = ("train", "test")
NUM_BUCKETS = 10
_BINS_PER_BUCKET = 100  # The median is read from this finer histogram.
_AXES = ("x", "y", "z")
_BOX = ("x1", "y1", "x2", "y2")


def values_of(clip, actions, views):
    """Returns the values of all features of a clip.

    Args:
        clip: Dict of NumPy arrays, see `example_gen`.
        actions: Names of the actions.
        views: Names of the views.

    Returns:
        Dict from the path of a feature, a tuple of names, to a list of one
        string or to a float64 array `(num_values,)`.
    """
    poses, visibility = clip["poses"], clip["visibility"]
    seen = poses[visibility].astype(np.float64)
    boxes = clip["boxes"].astype(np.float64)
    width, height = clip["frame_size"]
    return {
        ("clip_id",): [clip["clip_id"].decode()],
        ("action",): [_name(actions, clip["action"])],
        ("view",): [_name(views, clip["view"])],
        ("num_frames",): np.array([len(poses)], np.float64),
        ("frame_size", "width"): np.array([width], np.float64),
        ("frame_size", "height"): np.array([height], np.float64),
        **{
            ("poses", _AXES[axis]): seen[:, axis]
            for axis in range(seen.shape[1])
        },
        ("visibility",): visibility.ravel().astype(np.float64),
        **{("boxes", name): boxes[:, i] for i, name in enumerate(_BOX)},
    }


def generate(clips) -> statistics_pb2.DatasetFeatureStatisticsList:
    """Computes statistics of both splits of `example_gen.Clips`."""
    statistics = statistics_pb2.DatasetFeatureStatisticsList()
    for name in SPLITS:
        clips_ds = getattr(clips, name)
        _add_split(statistics.datasets.add(name=name), clips_ds, clips)
    return statistics


def save(statistics, path):
    """Writes statistics as a binary proto."""
    with files.writing(path) as aside:
        aside.write_bytes(statistics.SerializeToString(deterministic=True))


def load(path) -> statistics_pb2.DatasetFeatureStatisticsList:
    """Reads what `save` wrote."""
    text = pathlib.Path(path).read_bytes()
    return statistics_pb2.DatasetFeatureStatisticsList.FromString(text)


def _name(names, position):
    """Returns the name of a class, or `#<index>` if it is out of range."""
    return names[position] if 0 <= position < len(names) else f"#{position}"


def _add_split(dataset, clips_ds, clips):
    numbers: dict[tuple, _Numbers] = collections.defaultdict(_Numbers)
    texts: dict[tuple, collections.Counter] = collections.defaultdict(
        collections.Counter
    )
    for clip in clips_ds.as_numpy_iterator():
        dataset.num_examples += 1
        for path, values in values_of(clip, clips.actions, clips.views).items():
            if isinstance(values, list):
                texts[path].update(values)
            else:
                numbers[path].add(values)
    for clip in clips_ds.as_numpy_iterator():
        for path, values in values_of(clip, clips.actions, clips.views).items():
            if path in numbers:
                numbers[path].count_bins(values)
    for path, counts in texts.items():
        feature = dataset.features.add(
            type=statistics_pb2.FeatureNameStatistics.STRING
        )
        feature.path.step.extend(path)
        _fill_text(feature.string_stats, counts)
    for path, number in numbers.items():
        feature = dataset.features.add(
            type=statistics_pb2.FeatureNameStatistics.FLOAT
        )
        feature.path.step.extend(path)
        number.fill(feature.num_stats)


def _fill_text(stats, counts):
    total = sum(counts.values())
    common = stats.common_stats
    common.num_non_missing = common.tot_num_values = total
    common.min_num_values = common.max_num_values = 1
    common.avg_num_values = 1
    stats.unique = len(counts)
    if stats.unique == total:
        return  # All names differ: there are no ranks.
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    for rank, (value, count) in enumerate(ranked):
        stats.top_values.add(value=value, frequency=count)
        stats.rank_histogram.buckets.add(
            low_rank=rank, high_rank=rank, label=value, sample_count=count
        )


class _Numbers:
    """Sums up the statistics of a feature whose values are numbers."""

    def __init__(self):
        self.total = self.square = 0.0
        self.num_finite = self.num_nan = self.num_zeros = 0
        self.low, self.high = np.inf, -np.inf
        self.num_clips = self.num_empty = 0
        self.shortest, self.longest = np.inf, 0
        self.bins = np.zeros(NUM_BUCKETS * _BINS_PER_BUCKET, np.int64)

    def add(self, values):
        finite = values[np.isfinite(values)]
        self.num_clips += 1
        self.num_empty += len(values) == 0
        if len(values):
            self.shortest = min(self.shortest, len(values))
            self.longest = max(self.longest, len(values))
        self.num_nan += len(values) - len(finite)
        if len(finite):
            self.num_finite += len(finite)
            self.num_zeros += int((finite == 0).sum())
            self.total += finite.sum()
            self.square += (finite**2).sum()
            self.low = min(self.low, finite.min())
            self.high = max(self.high, finite.max())

    def count_bins(self, values):
        finite = values[np.isfinite(values)]
        if len(finite):
            width = self.high - self.low or 1.0
            place = (finite - self.low) / width * len(self.bins)
            place = np.minimum(place.astype(int), len(self.bins) - 1)
            self.bins += np.bincount(place, minlength=len(self.bins))

    def fill(self, stats):
        common = stats.common_stats
        common.num_missing = self.num_empty
        common.num_non_missing = self.num_clips - self.num_empty
        common.tot_num_values = self.num_finite + self.num_nan
        if common.num_non_missing:
            common.min_num_values = int(self.shortest)
            common.max_num_values = self.longest
            common.avg_num_values = (
                common.tot_num_values / common.num_non_missing
            )
        if not self.num_finite:
            return
        stats.mean = self.total / self.num_finite
        variance = self.square / self.num_finite - stats.mean**2
        stats.std_dev = float(np.sqrt(max(variance, 0.0)))
        stats.num_zeros = self.num_zeros
        stats.min, stats.max = float(self.low), float(self.high)
        edges = np.linspace(self.low, self.high, len(self.bins) + 1)
        # The middle of the bin that holds the median.
        half = np.searchsorted(np.cumsum(self.bins), self.num_finite / 2)
        stats.median = float((edges[half] + edges[half + 1]) / 2)
        histogram = stats.histograms.add(num_nan=self.num_nan)
        counts = self.bins.reshape(NUM_BUCKETS, _BINS_PER_BUCKET).sum(1)
        for bucket, count in enumerate(counts):
            histogram.buckets.add(
                low_value=edges[bucket * _BINS_PER_BUCKET],
                high_value=edges[(bucket + 1) * _BINS_PER_BUCKET],
                sample_count=float(count),
            )
