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
    ],
)
def test_descriptions_must_be_good(root, text, message):
    (root / "dataset.json").write_text(text)
    with pytest.raises(ValueError, match=rf"dataset\.json .*{message}"):
        description.read(root)
