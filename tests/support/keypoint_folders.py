"""Makes folders of a user's clips, and reads one clip of them."""

import json

import numpy as np

from pose_tf.datasets.keypoint_files import folder, keypoints


def make(path):
    """Makes a folder with a description and no clip yet."""
    path.mkdir()
    describe(path)
    return path


def describe(root, skeleton="penn_action", **values):
    """Writes the folder's dataset.json."""
    text = json.dumps({"skeleton": skeleton, **values})
    (root / "dataset.json").write_text(text)


def add(root, name, poses=None, **arrays):
    """Writes a clip as .npz or .json, as the name says; by default 2 frames."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    poses = np.ones((2, 13, 2)) if poses is None else poses
    arrays = {"poses": poses, **arrays}
    if path.suffix.lower() == ".npz":
        with path.open("wb") as file:
            np.savez(file, **arrays)
    else:
        lists = {k: np.asarray(v).tolist() for k, v in arrays.items()}
        path.write_text(json.dumps(lists))
    return path


def read(root, name="a"):
    """Reads the clip of that id."""
    clips = folder.find_clips(root)
    (clip,) = [clip for clip in clips if clip.clip_id == name]
    actions = sorted({clip.action or folder.UNLABELLED for clip in clips})
    views = sorted({clip.view or folder.UNKNOWN_VIEW for clip in clips})
    return keypoints.read_clip(clip, folder.described(root), actions, views)
