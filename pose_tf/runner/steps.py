"""Runs pipeline steps and skips those whose inputs are unchanged.

A step has a folder. The `manifest.json` in it has a recipe (digests of the
inputs, config, versions) and, once the step is finished, digests of the
outputs. A finished step with the same recipe is skipped. A step that was killed
continues in its folder. A step whose recipe changed starts over.
"""

import importlib.metadata
import pathlib
import platform
import shutil

from pose_tf import files
from pose_tf.version import __version__

MANIFEST = "manifest.json"
_PACKAGES = ("tensorflow", "keras", "tensorflow-datasets", "numpy")


def versions() -> dict[str, str]:
    """Returns the versions of the packages that outputs depend on."""
    packages = {name: importlib.metadata.version(name) for name in _PACKAGES}
    python = platform.python_version()
    return {"pose_tf": __version__, "python": python, **packages}


def run_step(folder, run, *, inputs=None, config=None, outputs) -> bool:
    """Runs a step in its folder, unless it has already finished there.

    Args:
        folder: Folder of the step. If its manifest has another recipe, it is
            emptied.
        run: Function of the folder that writes the outputs. After a kill it is
            called again and finds what it had written.
        inputs: Dict from names to the paths that the step reads.
        config: Everything else that decides the outputs, as JSON can hold it.
        outputs: Names of the files and folders that `run` writes.

    Returns:
        Whether the step ran; False if it was skipped.

    Raises:
        ValueError: If the folder holds files but no manifest: they are not
            deleted.
        FileNotFoundError: If an input is missing, or `run` did not write an
            output.
    """
    folder = pathlib.Path(folder)
    recipe = {
        "inputs": {name: files.digest(p) for name, p in (inputs or {}).items()},
        "config": files.plain(config),
        "versions": versions(),
    }
    before = _read_manifest(folder)
    if before is not None and before["recipe"] == recipe:
        if _unchanged(folder, outputs, before["outputs"]):
            return False
    elif before is not None:
        _discard(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files.sweep(folder)
    files.write_json(folder / MANIFEST, {"recipe": recipe, "outputs": {}})
    run(folder)
    made = {name: files.digest(folder / name) for name in outputs}
    files.write_json(folder / MANIFEST, {"recipe": recipe, "outputs": made})
    return True


def _read_manifest(folder):
    path = folder / MANIFEST
    if path.is_file():
        manifest = files.read_json(path)
        if not {"recipe", "outputs"} <= set(manifest):
            raise ValueError(
                f"{path} must hold a recipe and outputs. Delete {folder} to "
                f"run the step again. Received: {', '.join(manifest) or '{}'}"
            )
        return manifest
    # A kill may have come while the first manifest was written.
    files.sweep(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise ValueError(
            "`folder` must be empty or hold a step of the pipeline. Received: "
            f"{folder}, which has files but no {MANIFEST}"
        )
    return None


def _unchanged(folder, names, made):
    """Returns whether these outputs are as the manifest has them."""
    return bool(made) and all(
        name in made
        and (folder / name).exists()
        and files.digest(folder / name) == made[name]
        for name in names
    )


def _discard(folder):
    """Deletes a folder atomically: a kill leaves all of it, or nothing."""
    aside = folder.with_name(f".{folder.name}.discarded")
    _remove(aside)
    folder.rename(aside)
    _remove(aside)


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
