"""Makes what several tests need once, also when processes share the tests."""

import os

from pose_tf import files


def made(tmp_path_factory, name, make):
    """Returns a folder that `make(folder)` has filled, in whichever process.

    Whoever comes first makes it; others wait. Tests may only read there.

    Args:
        tmp_path_factory: Pytest's fixture.
        name: Name of the folder.
        make: Function of the folder, which exists and is empty.
    """
    root = tmp_path_factory.getbasetemp()
    if (
        "PYTEST_XDIST_WORKER" in os.environ
    ):  # Each has a folder in a common one.
        root = root.parent
    place = root / "made_once" / name
    folder = place / "folder"
    place.mkdir(parents=True, exist_ok=True)
    with files.locked(place):
        if not (place / "done").exists():
            folder.mkdir()  # If it exists, making it has failed before.
            make(folder)
            (place / "done").touch()
    return folder
