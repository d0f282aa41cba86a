"""Reads NTU RGB+D's .skeleton files: 25 joints of Kinect v2, in space.

The text holds the number of frames; per frame the number of bodies; per body a
line that begins with its id, the number of joints, and a line of 12 numbers per
joint: x, y, z in meters, where it is in the depth and color pictures, its
orientation, and its state: 2 tracked, 1 inferred, 0 not tracked. These become
confidences 1, 0.5 and 0.

Kinect's x points to the sensor's own left, y up and z away from it. Here x and y
are turned by half a turn about z, so that x points right and y down as a camera
sees it. A person who faces the sensor has the left arm on the picture's right;
NTU's videos are mirrored.
See [Shahroudy et al., 2016](https://arxiv.org/abs/1604.02808).
"""

import reprlib

import numpy as np

from pose_tf.formats import assembly, cells, detections
from pose_tf.pose import skeletons

SUFFIXES = (".skeleton",)
FPS = 30.0  # Of Kinect v2.
STATE = -1  # The column of a joint's state.
TRACKED = 2
NUM_CELLS = 12  # Per joint.
_TURN = np.array([-1, -1, 1])
_SKELETON = skeletons.KINECT_25


def difference(source) -> str:
    """Returns how a file differs from this format, "" if it does not."""
    first = source.text.lstrip().partition("\n")[0].strip()
    if not first.isdigit():
        return f"line 1 is {reprlib.repr(first)}, not the number of frames"
    return ""


def read(source, options) -> detections.Detections:
    """Reads the poses of a file.

    Args:
        source: `sources.Source` of the file.
        options: `sources.Options`.

    Raises:
        ValueError: If the file is not in this format; the message names the
            line.
    """
    num_frames, frames, ids, starts, joints = _bodies(_Lines(source.text))
    if not frames:
        return assembly.nobody(options, range(num_frames))

    def place(row):
        body, joint = divmod(row, _SKELETON.num_joints)
        return f"line {starts[body] + joint}"

    values = cells.numbers([line.split() for line in joints], place)
    if values.shape[1] != NUM_CELLS:
        raise ValueError(
            f"joints must have {NUM_CELLS} numbers. "
            f"Received: {values.shape[1]} in {place(0)}"
        )
    cells.check_places(values[:, :3], place)
    values = values.reshape(len(frames), _SKELETON.num_joints, NUM_CELLS)
    return detections.Detections(
        skeleton=_SKELETON,
        fps=FPS,
        unit=detections.METERS,
        y_up=False,
        **assembly.ordered(
            frames,
            range(num_frames),
            poses=values[..., :3] * _TURN,
            confidence=values[..., STATE] / TRACKED,
            ids=_small(ids),
        ),
    )


def _bodies(lines):
    """Returns what a file holds.

    That is the number of frames; of each body its frame, its id and the number
    of the line of its first joint; and the lines of all joints.
    """
    frames, ids, starts, joints = [], [], [], []
    num_frames = lines.count("frames")
    for frame in range(num_frames):
        for _ in range(lines.count("bodies")):
            frames.append(frame)
            ids.append(lines.next("a body").split()[0])
            if lines.count("joints") != _SKELETON.num_joints:
                raise ValueError(
                    f"bodies must have {_SKELETON.num_joints} joints. "
                    f"Received: {lines.last!r} in line {lines.number}"
                )
            starts.append(lines.number + 1)
            joints += lines.take(_SKELETON.num_joints)
    lines.check_end(num_frames)
    return num_frames, frames, ids, starts, joints


def _small(ids):
    """Returns the ids of bodies as 0, 1, … in the order of appearance."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(ids))}
    return np.array([numbers[name] for name in ids])


class _Lines:
    """Hands out the lines of a text, and knows where it is."""

    def __init__(self, text):
        self.lines = text.rstrip().split("\n")
        self.number = 0  # Of the line that was handed out last.
        self.last = ""

    def next(self, wanted) -> str:
        """Returns the next line, which must not be blank."""
        if self.number >= len(self.lines):
            raise ValueError(
                f"there must be {wanted} after line {self.number}. Received: "
                "the end of the file"
            )
        self.last = self.lines[self.number].strip()
        self.number += 1
        if not self.last:
            raise ValueError(
                f"there must be {wanted} in line {self.number}. "
                "Received: a blank line"
            )
        return self.last

    def count(self, wanted) -> int:
        """Returns the number in the next line."""
        line = self.next(f"the number of {wanted}")
        if not line.isdigit():
            raise ValueError(
                f"there must be the number of {wanted} in line {self.number}. "
                f"Received: {reprlib.repr(line)}"
            )
        return int(line)

    def take(self, count) -> list[str]:
        """Returns some lines at once."""
        taken = self.lines[self.number : self.number + count]
        self.number += len(taken)
        if len(taken) < count:
            self.next(f"{count} joints per body, a line each,")
        return taken

    def check_end(self, num_frames) -> None:
        """Checks that all lines were handed out."""
        if self.number < len(self.lines):
            raise ValueError(
                f"the file must end after {num_frames} frames, with line "
                f"{self.number}. Received: {len(self.lines)} lines"
            )
