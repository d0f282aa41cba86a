"""The folder in which tests of keypoint_files put their clips."""

import pytest

from tests.support import keypoint_folders


@pytest.fixture
def root(tmp_path):
    """A folder with a description and no clip yet."""
    return keypoint_folders.make(tmp_path / "clips")
