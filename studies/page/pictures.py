"""Saves the pictures of a run, since its clips and models are not kept.

A run draws pictures in its own folder; the page shows copies.
"""

import shutil

from pose_tf import files

FOLDER = "pictures"


def path(context, name):
    """Returns the path at which the current run draws a picture."""
    return context.folder / FOLDER / name


def collect(store, runs, folder) -> None:
    """Copies the pictures of finished runs to the folder of the page."""
    for run in runs:
        for picture in sorted((store.path(run) / FOLDER).glob("*")):
            with files.writing(folder / picture.name) as aside:
                shutil.copyfile(picture, aside)
