"""Times how long files of other tools take to read.

Files are made up: two people who move on the spot, in COCO's results and in
OpenPose's folders of a file per frame. The peer only parses their JSON.
"""

import json
import pathlib
import tempfile

import numpy as np

from benchmarks import sides
from benchmarks.table import Row

NUM_FILES = 10_000
NUM_FRAMES = 108_000  # An hour, at 30 frames per second.
NUM_TURNS = 3
NUM_PEOPLE = 2
COCO, OPENPOSE = 17, 25  # Joints.
HOUR, FOLDER = "an hour of two people in COCO's results", "OpenPose's files"


def rows():
    """Yields a row per kind of file, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        paths = {HOUR: _results(folder), FOLDER: _folder(folder)}
        with sides.both(pose_tf, parser, paths) as (ours, peer):
            for what, aim in ((FOLDER, "< 10 s"), (HOUR, "seconds")):
                pairs = sides.in_turns(ours, peer, what, NUM_TURNS)
                value, parsed = pairs.medians()
                counted = f"{NUM_FILES:,} of " if what == FOLDER else ""
                yield Row(
                    what=f"{counted}{what} to clips",
                    value=f"{value:.1f} s",
                    peer=f"`json.loads` of all of it {parsed:.1f} s",
                    ratio=pairs.ratio(),
                    aim=aim,
                )


def pose_tf(paths):
    """Returns the measures of reading."""
    from pose_tf.formats import read

    def reading(path):
        clips = read.read(path)
        if len(clips) != NUM_PEOPLE:
            raise ValueError(f"there are 2 people. Received: {len(clips)}")

    return {
        what: sides.seconds(lambda path=path: reading(path))
        for what, path in paths.items()
    }


def parser(paths):
    """Returns the measures of parsing JSON and nothing else."""

    def parsing(path):
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        for file in files:
            json.loads(file.read_bytes())

    return {
        what: sides.seconds(lambda path=path: parsing(path))
        for what, path in paths.items()
    }


def _people(num_frames, num_joints):
    """Returns x, y and confidence of people `[T, 2, J, 3]`, pixels."""
    random = np.random.default_rng(0)
    places = random.uniform((0, 0), (150, 300), (NUM_PEOPLE, num_joints, 2))
    places[1, :, 0] += 600
    phase = np.arange(num_frames)[:, None, None, None] / 10
    moving = places + 20 * np.sin(phase + places[..., :1])
    confidence = random.uniform(0.5, 1, (*moving.shape[:-1], 1))
    return np.concatenate([moving + 100, confidence], -1).round(3)


def _results(folder):
    """Writes an hour of COCO's results; returns the path."""
    path = folder / "results.json"
    with path.open("w") as file:
        file.write("[")
        for frame, people in enumerate(_people(NUM_FRAMES, COCO)):
            for person, pose in enumerate(people):
                file.write("," if frame or person else "")
                value = {
                    "image_id": frame,
                    "category_id": 1,
                    "keypoints": pose.ravel().tolist(),
                    "score": 0.9,
                }
                json.dump(value, file)
        file.write("]")
    return path


def _folder(folder):
    """Writes OpenPose's files of BODY_25; returns the path of the folder."""
    path = folder / "openpose"
    path.mkdir()
    for frame, people in enumerate(_people(NUM_FILES, OPENPOSE)):
        value = {
            "version": 1.3,
            "people": [
                {"person_id": [-1], "pose_keypoints_2d": pose.ravel().tolist()}
                for pose in people
            ],
        }
        name = f"video_{frame:012d}_keypoints.json"
        (path / name).write_text(json.dumps(value))
    return path
