"""Statistics of the training clips to a schema: what a clip must be like.

The schema is a text proto to be read, edited and kept. A clip that breaks it
is stopped by `example_validator.py`.
"""

import pathlib

from google.protobuf import text_format
from tensorflow_metadata.proto.v0 import schema_pb2, statistics_pb2

from pose_tf import files

# Fixed by what they mean; the other ranges are learnt.
FIXED_RANGES = {
    "num_frames": (1.0, None),
    "frame_size.width": (1.0, None),
    "frame_size.height": (1.0, None),
    "visibility": (0.0, 1.0),
}
OPTIONAL = ("poses",)  # A clip may do without one visible joint.


def infer(statistics) -> schema_pb2.Schema:
    """The schema that the training clips suggest.

    Text takes the values seen, if any is seen twice. Numbers take the range
    seen, widened by its own width on either side: a clip of another camera
    passes, one in another unit does not.

    Args:
        statistics: What `statistics_gen.generate` gives.

    Raises:
        ValueError: If there are no statistics of training clips.
    """
    schema = schema_pb2.Schema()
    for found in _training(statistics).features:
        name = ".".join(found.path.step)
        feature = schema.feature.add(name=name)
        if found.path.step[0] not in OPTIONAL:
            feature.presence.min_fraction = 1.0
        if found.type == statistics_pb2.FeatureNameStatistics.STRING:
            feature.type = schema_pb2.BYTES
            values = sorted(v.value for v in found.string_stats.top_values)
            if values:
                feature.domain = name
                schema.string_domain.add(name=name, value=values)
        else:
            feature.type = schema_pb2.FLOAT
            _set_range(feature, found.num_stats)
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
