"""Finds SavedModels, and reads what their assets say about them.

`assets/` of a SavedModel holds `kind.txt`, `joints.txt` and, for classifiers,
`actions.txt`, one name per line.
"""

from pose_tf import files, run_files
from pose_tf.pose import own_skeletons, skeletons


def names(path, asset, count=None):
    """Returns the names in an asset, one per line.

    Args:
        path: Folder of a SavedModel.
        asset: `kind`, `joints` or `actions`.
        count: How many different names there must be; None for any number.

    Raises:
        ValueError: If there is no such asset, or its names do not fit.
    """
    file = path / "assets" / f"{asset}.txt"
    if not file.is_file():
        raise ValueError(
            f"`path` must hold a SavedModel with assets/{asset}.txt. "
            f"Received: {path}"
        )
    lines = tuple(file.read_text(encoding="utf-8").splitlines())
    if count is not None and (len(lines), len(set(lines))) != (count, count):
        raise ValueError(
            f"`path` must hold a SavedModel whose assets/{asset}.txt names "
            f"{count} different {asset}, as the model has. Received: {path}, "
            f"with {len(lines)} names: {', '.join(lines)}"
        )
    return lines


def find(path):
    """Returns the folder of the SavedModel that `path` means; see `load`.

    Raises:
        FileNotFoundError: If there is nothing at `path`.
        ValueError: If no SavedModel is there.
    """
    if not path.exists():
        raise FileNotFoundError(f"`path` must exist. Received: {path}")
    versions = list(files.versions(path).values()) if path.is_dir() else []
    for folder in (path, path / run_files.SAVED_MODEL, *reversed(versions)):
        if (folder / "saved_model.pb").is_file():
            return folder
    raise ValueError(
        "`path` must be a SavedModel, a folder of its versions or a trainer's "
        f"workdir: no saved_model.pb is there. Received: {path}"
    )


def match_skeleton(model, skeleton):
    """Raises a `ValueError` unless a loaded model is for a skeleton.

    Args:
        model: With `joints`, `skeleton` and `path`.
        skeleton: A `Skeleton`, its name, or None for any.
    """
    if isinstance(skeleton, str):
        skeleton = skeletons.get(skeleton)
    if skeleton is not None and _signature(skeleton) != _signature(
        model.skeleton
    ):
        raise ValueError(
            f"`path` must hold a model for skeleton {skeleton.name!r}, with "
            f"{skeleton.num_coordinates} coordinates of the joints "
            f"{', '.join(skeleton.joints)}. Received: {model.path}, with "
            f"{model.skeleton.num_coordinates} of {', '.join(model.joints)}"
        )


def _signature(skeleton):
    return skeleton.joints, skeleton.num_coordinates


def skeleton_of(joints, num_coordinates):
    """Returns the skeleton of joints, without roles and bones if need be."""
    try:
        skeleton = own_skeletons.of_joints(joints, num_coordinates)
    except ValueError:
        skeleton = None
    if skeleton is not None and skeleton.joints == tuple(joints):
        return skeleton
    roles = ("bones", "mirror_pairs", "root", "shoulders", "hips", "head")
    return skeletons.Skeleton(
        name="unknown",
        joints=joints,
        num_coordinates=num_coordinates,
        **dict.fromkeys(roles, ()),
    )
