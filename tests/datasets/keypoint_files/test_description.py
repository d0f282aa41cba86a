"""What `dataset.json` may say."""

import pytest

from pose_tf.datasets.keypoint_files import description


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a JSON object with any"),
        ("[]", "must be a JSON object with any"),
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
        ("min_confidence", ["NaN", "11", "-0.1", '"high"', "true", "null"]),
        ("test_fraction", ["NaN", "-0.1", "1", "false", "null"]),
        ("fps", ["0", "NaN", "true", '"30"']),
        ("people", ['"some"', "1"]),
        ("joints", ['"neck"', "[1, 2]"]),
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


def test_without_a_description_all_is_to_be_seen_from_the_files(tmp_path):
    assert description.read(tmp_path) == description.Description()


def test_joints_of_ones_own_have_a_skeleton(root):
    (root / "dataset.json").write_text(
        '{"joints": ["neck", "left hip", "RHip"], "people": "longest"}'
    )
    described = description.read(root)
    assert described.target.joints == ("neck", "left_hip", "right_hip")
    (root / "dataset.json").write_text(
        '{"joints": ["neck", "left hip"], "skeleton": "coco_17"}'
    )
    with pytest.raises(ValueError, match="pelvis"):
        description.read(root)
