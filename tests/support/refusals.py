"""What `pose_tf.formats.read` says of files that it does not read."""

import json

import pytest

from pose_tf.formats import read


def message(path, **options) -> str:
    """Returns why a file is refused: one line that begins with its path."""
    with pytest.raises(ValueError, match=r".") as raised:
        read.read(path, **options)
    said = str(raised.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    assert len(said) < 2000
    return said.removeprefix(f"{path}: ")


def of_changed(path, change) -> str:
    """Returns why a file of JSON is refused after a change of its value."""
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))
    return message(path)
