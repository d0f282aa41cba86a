"""Checks clips against a schema, and stops at bad ones or leaves them out."""

import collections
import dataclasses
import json

import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import anomalies_pb2

from pose_tf import files
from pose_tf.datasets.clip_builder import ON_BAD_CLIP, QUARANTINE_FILE
from pose_tf.pipeline import statistics_gen, unusable

ANOMALIES_FILE = "anomalies.pbtxt"
_MAX_SHOWN = 3  # Bad clips in an error message.
_TYPES = anomalies_pb2.AnomalyInfo


@dataclasses.dataclass(frozen=True)
class BadClip:
    """Holds why a clip violates the schema.

    Attributes:
        split: `train` or `test`.
        clip_id: Name of the clip.
        feature: Name of the feature, such as `poses.x`.
        reason: What is required and what was received.

    Example:

    >>> BadClip("test", "1516", "poses.x", "must be finite. Received: inf").split
    'test'
    """

    split: str
    clip_id: str
    feature: str
    reason: str


@dataclasses.dataclass(frozen=True)
class Report:
    """Holds the result of `validate`.

    Attributes:
        anomalies: Proto with an entry per feature that some clip violates.
        bad_clips: All clips that violate a feature, in order.

    Example:

    >>> Report(anomalies_pb2.Anomalies(), ()).bad_clips
    ()
    """

    anomalies: anomalies_pb2.Anomalies
    bad_clips: tuple[BadClip, ...]


def validate(clips, schema) -> Report:
    """Checks every clip of `example_gen.Clips` against a schema.

    A clip is bad if a feature is outside its range, is not finite, has an
    unknown value or is missing, if a test clip has the `clip_id` of a training
    clip, or if it is unusable; see `unusable`. An anomaly that is only a warning
    makes no clip bad.
    """
    anomalies = anomalies_pb2.Anomalies()
    anomalies.baseline.CopyFrom(schema)
    anomalies.anomaly_name_format = anomalies_pb2.Anomalies.SERIALIZED_PATH
    rules = _rules(schema)
    bad_clips: list[BadClip] = []
    doubtful_clips: list[BadClip] = []
    kinds: dict[str, set] = collections.defaultdict(set)
    trained = set()
    for split in statistics_gen.SPLITS:
        for clip in getattr(clips, split).as_numpy_iterator():
            values = statistics_gen.values_of(clip, clips.actions, clips.views)
            (clip_id,) = values["clip_id",]
            problems = [
                (_TYPES.ERROR, *problem) for problem in _problems(values, rules)
            ]
            problems += unusable.problems(clip, clips.skeleton.joints)
            if split == "train":
                trained.add(clip_id)
            elif clip_id in trained:
                kind = _TYPES.UNKNOWN_TYPE
                reason = "test clips must not be training clips as well"
                problems.append((_TYPES.ERROR, "clip_id", kind, reason))
            for severity, feature, kind, reason in problems:
                is_bad = severity == _TYPES.ERROR
                (bad_clips if is_bad else doubtful_clips).append(
                    BadClip(split, clip_id, feature, reason)
                )
                kinds[feature].add(kind)
    for feature, kinds_of_feature in kinds.items():
        _describe(
            anomalies,
            feature,
            sorted(kinds_of_feature),
            bad_clips,
            doubtful_clips,
        )
    return Report(anomalies, tuple(bad_clips))


def save(report, folder):
    """Writes `anomalies.pbtxt` and `quarantine.json`, the bad clips."""
    with files.writing(folder / ANOMALIES_FILE) as aside:
        aside.write_text(text_format.MessageToString(report.anomalies))
    bad_clips = [dataclasses.asdict(bad) for bad in report.bad_clips]
    files.write_json(folder / QUARANTINE_FILE, bad_clips)


def load(folder) -> Report:
    """Reads what `save` wrote."""
    anomalies = text_format.Parse(
        (folder / ANOMALIES_FILE).read_text(), anomalies_pb2.Anomalies()
    )
    bad_clips = json.loads((folder / QUARANTINE_FILE).read_text())
    return Report(anomalies, tuple(BadClip(**bad) for bad in bad_clips))


def handle(clips, report, on_bad_clip="stop"):
    """Stops at bad clips, or leaves them out.

    Args:
        clips: `example_gen.Clips` that were validated.
        report: Result of `validate` for them.
        on_bad_clip: `stop` or `quarantine`.

    Returns:
        `clips` without the bad ones.

    Raises:
        ValueError: If there are bad clips and `on_bad_clip` is `stop`, or if
            no training clip is left.
    """
    if on_bad_clip not in ON_BAD_CLIP:
        raise ValueError(
            f"`on_bad_clip` must be one of {', '.join(ON_BAD_CLIP)}. "
            f"Received: {on_bad_clip!r}"
        )
    if not report.bad_clips:
        return clips
    if on_bad_clip == "stop":
        shown = "; ".join(
            f"{bad.split} clip {bad.clip_id}, {bad.feature}: {bad.reason}"
            for bad in report.bad_clips[:_MAX_SHOWN]
        )
        raise ValueError(
            "Clips must match the schema (or be left out, with "
            f"`on_bad_clip='quarantine'`). Received {len(report.bad_clips)} "
            f"violations of it: {shown}"
        )
    return dataclasses.replace(
        clips,
        train=_without(clips.train, report, "train"),
        test=_without(clips.test, report, "test"),
    )


def _without(clips_ds, report, split):
    bad = {b.clip_id for b in report.bad_clips if b.split == split}
    if not bad:
        return clips_ds
    names = tf.constant(sorted(bad))
    left = int(clips_ds.cardinality()) - len(bad)
    if split == "train" and left < 1:
        raise ValueError(
            "At least one training clip must match the schema. Received: "
            f"{len(bad)} bad ones"
        )
    ds = clips_ds.filter(lambda clip: tf.reduce_all(clip["clip_id"] != names))
    return ds.apply(tf.data.experimental.assert_cardinality(left))


def _rules(schema):
    """Returns by feature: whether it is required, its range, its values."""
    domains = {d.name: set(d.value) for d in schema.string_domain}
    rules = {}
    for feature in schema.feature:
        domain = feature.float_domain
        low = domain.min if domain.HasField("min") else -np.inf
        high = domain.max if domain.HasField("max") else np.inf
        required = feature.presence.min_fraction >= 1
        values = domains.get(feature.domain)
        rules[feature.name] = (required, low, high, values)
    return rules


def _problems(values, rules):
    """Yields `(feature, kind, reason)` for all that a clip violates."""
    by_name = {".".join(path): value for path, value in values.items()}
    for name, (required, low, high, known) in rules.items():
        value = by_name.get(name, ())
        if len(value) == 0:
            if required:
                kind = _TYPES.FEATURE_TYPE_LOW_FRACTION_PRESENT
                yield name, kind, "must have a value. Received: none"
        elif isinstance(value, list):
            if known is not None and value[0] not in known:
                kind = _TYPES.ENUM_TYPE_UNEXPECTED_STRING_VALUES
                wanted = ", ".join(sorted(known))
                reason = f"must be one of {wanted}. Received: {value[0]!r}"
                yield name, kind, reason
        elif not (finite := np.isfinite(value)).all():
            reason = f"must be finite. Received: {value[~finite][0]}"
            yield name, _TYPES.FLOAT_TYPE_HAS_NAN, reason
        elif (smallest := value.min()) < low:
            reason = f"must be at least {low:g}. Received: {smallest:g}"
            yield name, _TYPES.FLOAT_TYPE_SMALL_FLOAT, reason
        elif (largest := value.max()) > high:
            reason = f"must be at most {high:g}. Received: {largest:g}"
            yield name, _TYPES.FLOAT_TYPE_BIG_FLOAT, reason


def _describe(anomalies, feature, kinds, bad_clips, doubtful_clips):
    bad = [clip for clip in bad_clips if clip.feature == feature]
    doubtful = [clip for clip in doubtful_clips if clip.feature == feature]
    info = anomalies.anomaly_info[feature]
    info.path.step.extend(feature.split("."))
    info.severity = _TYPES.ERROR if bad else _TYPES.WARNING
    info.short_description = f"{len(bad)} bad clips" + (
        f", {len(doubtful)} doubtful ones" if doubtful else ""
    )
    info.description = "; ".join(
        f"{clip.split} clip {clip.clip_id}: {clip.reason}"
        for clip in bad + doubtful
    )
    for kind in kinds:
        info.reason.add(type=kind, short_description=_TYPES.Type.Name(kind))
