"""Steps of the pipeline, whose artifacts are made anew only when need be.

A step of the pipeline has a folder. Its `manifest.json` tells what went in
(digests of the inputs, config, versions) and, once the step is through, what
came out (digests of the outputs). A step with the same manifest is skipped; one
that was killed goes on in its folder; one of another recipe starts afresh.
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
    """Versions of what the artifacts depend on."""
    found = {name: importlib.metadata.version(name) for name in _PACKAGES}
    python = platform.python_version()
    return {"pose_tf": __version__, "python": python, **found}


def run_step(folder, run, *, inputs=None, config=None, outputs) -> bool:
    """Runs a step in its folder, unless it stands there finished.

    Args:
        folder: Of the step. A folder with a manifest of another recipe is
            emptied.
        run: Function of the folder that writes the outputs. After a kill it is
            called again and finds what it had written.
        inputs: Dict of the paths of what the step reads.
        config: What else decides the outputs; anything that JSON can hold.
        outputs: Names of what `run` leaves in the folder, files or folders.

    Returns:
        Whether the step ran; False if it was skipped.

    Raises:
        ValueError: If the folder holds files but no manifest: they are not
            ours to delete.
        FileNotFoundError: If an input is missing, or `run` left an output out.
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
    # A kill may have come while the very first manifest was written.
    files.sweep(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise ValueError(
            "`folder` must be empty or hold a step of the pipeline. Received: "
            f"{folder}, which has files but no {MANIFEST}"
        )
    return None


def _unchanged(folder, names, made):
    """Whether all these outputs are there as the manifest has them."""
    return bool(made) and all(
        name in made
        and (folder / name).exists()
        and files.digest(folder / name) == made[name]
        for name in names
    )


def _discard(folder):
    """Deletes a folder; at once, so that a kill leaves no half of it there."""
    aside = folder.with_name(f".{folder.name}.discarded")
    _remove(aside)
    folder.rename(aside)
    _remove(aside)


def _remove(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
