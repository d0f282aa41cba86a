"""What `dataset.json` may say."""

import pytest

from pose_tf.datasets.keypoint_files import description


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a JSON object with `skeleton`"),
        ("[]", "must be a JSON object with `skeleton`"),
        ("{}", "`skeleton`"),
        ('{"skeleton": "smurf"}', "must be one of coco_17, .*'smurf'"),
        ('{"skeleton": "coco_17", "convert_to": "smurf"}', "'smurf'"),
        ('{"skeleton": "coco_17", "size": 1}', "test_fraction.*'size'"),
        ('{"skeleton": "coco_17", "test_fraction": 1}', "below 1. Received: 1"),
        ('{"skeleton": "coco_17", "test_fraction": "all"}', "test_fraction"),
        ('{"skeleton": "coco_17", "skeleton": "smurf"}', "'skeleton' twice"),
        ('{"skeleton": ["coco_17"]}', "must be a JSON object"),
        ("[" * 100_000, "nested that deeply"),
        ('{"skeleton": ' + '{"a": ' * 100_000, "nested that deeply"),
    ],
)
def test_invalid_descriptions_are_refused(root, text, message):
    (root / "dataset.json").write_text(text)
    with pytest.raises(ValueError, match=rf"dataset\.json .*{message}"):
        description.read(root)


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("frame_size", ["[640]", "[640.5, 480]", "[true, 480]", "[0, 480]"]),
        ("frame_size", ["[2147483648, 480]", '"640x480"', "[640, NaN]", "{}"]),
        ("min_confidence", ["NaN", "2", "-0.1", '"high"', "true", "null"]),
        ("test_fraction", ["NaN", "-0.1", "1", "false", "null"]),
        ("max_jump", ["NaN", "0", "-1", '"far"', "true", "Infinity"]),
        ("axes", ['["x"]', '["x", "x"]', '"xy"', '["x", "--y"]', '["x", 1]']),
        ("axes", ['["x", "y", "z"]']),  # In the plane there is no z.
    ],
)
def test_values_must_be_of_their_kind(root, field, values):
    for value in values:
        text = f'{{"skeleton": "coco_17", "{field}": {value}}}'
        (root / "dataset.json").write_text(text)
        with pytest.raises(ValueError, match=f"{field}.*must .*Received"):
            description.read(root)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_description_may_begin_with_a_byte_order_mark(root, encoding):
    text = '{"skeleton": "coco_17", "frame_size": [640.0, 480]}'
    (root / "dataset.json").write_text(text, encoding=encoding)
    assert description.read(root).frame_size == [640, 480]


def test_jumps_are_removed_by_default_only_in_detectors_files(root):
    limits = {
        text: [
            description.Description(skeleton="coco_17", **told).jump_limit(has)
            for has in (True, False)
        ]
        for text, told in {
            "by default": {},
            "2": {"max_jump": 2},
            "none": {"max_jump": None},
        }.items()
    }
    assert limits == {
        "by default": [1.5, None],
        "2": [2, 2],
        "none": [None, None],
    }
