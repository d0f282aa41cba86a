"""Pictures that runs draw while they have what is in them.

A clip is not ours to keep, and a model is large: a run of pictures draws them
in its own folder, and the page shows copies.
"""

import shutil

from pose_tf import files

FOLDER = "pictures"


def path(context, name):
    """Where the present run is to draw a picture of this name."""
    return context.folder / FOLDER / name


def collect(store, runs, folder) -> None:
    """Copies the pictures of finished runs to the folder of the page."""
    for run in runs:
        for picture in sorted((store.path(run) / FOLDER).glob("*")):
            with files.writing(folder / picture.name) as aside:
                shutil.copyfile(picture, aside)
