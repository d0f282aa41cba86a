"""Infers a schema, which says what clips must be like, from statistics.

The schema is a text proto that can be read, edited and kept.
`example_validator.py` stops clips that violate it.
"""

import pathlib

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from pose_tf import files

# Fixed by what they mean; the other ranges are inferred.
FIXED_RANGES = {
    "num_frames": (1.0, None),
    "frame_size.width": (1.0, None),
    "frame_size.height": (1.0, None),
    "visibility": (0.0, 1.0),
}
OPTIONAL = ("poses",)  # A clip may have no visible joint.


def infer(statistics) -> schema_pb2.Schema:
    """Infers a schema from training clips.

    Texts must be one of the values that occur, if any occurs twice. Numbers
    must be in the range that occurs, widened by its own width on either side:
    clips of another camera pass, clips in another unit do not.

    Args:
        statistics: Statistics, as `statistics_gen.generate` returns them.

    Raises:
        ValueError: If there are no statistics of training clips.
    """
    schema = schema_pb2.Schema()
    for stats in _training(statistics).features:
        name = ".".join(stats.path.step)
        feature = schema.feature.add(name=name)
        if stats.path.step[0] not in OPTIONAL:
            feature.presence.min_fraction = 1.0
        if stats.type == statistics_pb2.FeatureNameStatistics.STRING:
            feature.type = schema_pb2.BYTES
            values = sorted(v.value for v in stats.string_stats.top_values)
            if values:
                feature.domain = name
                schema.string_domain.add(name=name, value=values)
        else:
            feature.type = schema_pb2.FLOAT
            _set_range(feature, stats.num_stats)
    return schema


def save(schema, path):
    """Writes a schema as text."""
    with files.writing(path) as aside:
        aside.write_text(text_format.MessageToString(schema))


def load(path) -> schema_pb2.Schema:
    """Reads a schema, edited or not.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If the file is not a text proto of a schema.
    """
    try:
        return text_format.Parse(
            pathlib.Path(path).read_text(), schema_pb2.Schema()
        )
    except text_format.ParseError as error:
        raise ValueError(
            f"`path` must be the text proto of a schema. Received: {path}, "
            f"with {error}"
        ) from error


def _training(statistics):
    for dataset in statistics.datasets:
        if dataset.name == "train" and dataset.num_examples:
            return dataset
    names = [dataset.name for dataset in statistics.datasets]
    raise ValueError(
        "`statistics` must be of at least one clip of the dataset `train`. "
        f"Received: {', '.join(names) or 'no dataset'}"
    )


def _set_range(feature, stats):
    low, high = FIXED_RANGES.get(feature.name, (None, None))
    if feature.name not in FIXED_RANGES and stats.histograms:
        width = stats.max - stats.min
        low, high = stats.min - width, stats.max + width
    if low is not None:
        feature.float_domain.min = low
    if high is not None:
        feature.float_domain.max = high
