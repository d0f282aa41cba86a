"""Goes through pose_tf with the lowest versions that setup.cfg promises.

    python -m tests.support.lowest_process FOLDER

Checks that these versions are installed, imports every module, runs the
pipeline on a tiny dataset into FOLDER, and calls every endpoint of the
committed SavedModels. `make test-lowest` makes the environment.
"""

import importlib
import importlib.metadata
import pathlib
import pkgutil
import subprocess
import sys

import numpy as np

from tests.support import bare_process, lowest_bounds

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATASET = "synthetic_actions/tiny"


def check_versions():
    """Raises if another version than a lowest one is installed."""
    for name, version in lowest_bounds.lowest().items():
        installed = importlib.metadata.version(name)
        if installed.split(".") != _padded(version, installed):
            sys.exit(f"{name} must be {version}. Received: {installed}")


def _padded(version, like):
    """Returns the parts of a version, as many as another has: 2.20 is 2.20.0."""
    parts = version.split(".")
    return parts + ["0"] * (len(like.split(".")) - len(parts))


def import_all():
    """Imports every module of pose_tf but the builders' own tests."""
    import pose_tf

    for module in pkgutil.walk_packages(pose_tf.__path__, "pose_tf."):
        if not module.name.endswith("_test"):  # They need the extra `test`.
            importlib.import_module(module.name)


def run(folder):
    """Runs the pipeline, as its command, from the dataset to the models."""
    command = pathlib.Path(sys.executable).with_name("pose-tf")
    subprocess.run(
        [command, "run", f"--dataset={DATASET}", "--preset=tiny"]
        + [f"--workdir={folder}/run", f"--data_dir={folder}/data"],
        check=True,
    )


def call_models(folder):
    """Calls every endpoint of the committed models with a clip of the run."""
    import tensorflow as tf

    import pose_tf
    from pose_tf.pipeline import example_gen

    clips = example_gen.load(DATASET, data_dir=f"{folder}/data")
    clip = next(iter(clips.test))
    poses, visibility = clip["poses"][None], clip["visibility"][None]
    for card in sorted((ROOT / "saved_models").glob("*/model_card.md")):
        path = card.parent
        model = pose_tf.load(path, clips.skeleton)
        saved = tf.saved_model.load(str(model.path))
        outputs = bare_process.call_all(saved, poses, visibility)
        for endpoint, tensors in outputs.items():
            for name, tensor in tensors.items():
                if not np.all(np.isfinite(tensor)):
                    sys.exit(f"{path.name}: {endpoint} gave a wrong {name}")
        print(f"{path.name}: {', '.join(outputs)}", flush=True)


def main(folder):
    """Runs every step."""
    check_versions()
    import_all()
    run(folder)
    call_models(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
