"""The commands of `pose-tf` that use a SavedModel: embed, classify, generate."""

import pathlib
from typing import Annotated

import numpy as np
import tyro

from pose_tf import arguments
from pose_tf.cli import clips
from pose_tf.formats import arrays

Model = tyro.conf.Positional[
    Annotated[pathlib.Path, tyro.conf.arg(metavar="MODEL")]
]
Poses = tyro.conf.Positional[Annotated[str, tyro.conf.arg(metavar="POSES")]]
MAX_FRAMES = 1_000_000  # That `generate` makes: a gigabyte of memory.
NUM_SHOWN = 5  # Most probable actions that `classify` prints.


def embed(
    model: Model,
    poses: Poses,
    output: pathlib.Path,
    data_dir: arguments.OptionalPath = None,
):
    """Embeds a clip with a SavedModel: `mean`, `stddev`, `root`, `scale`.

    Args:
        model: Folder of an exported VAE.
        poses: Clip to read: a .npz or .json file with `poses` and, optionally,
            `visibility`; or one of a dataset, such as
            synthetic_actions/test/0.
        output: File to write, .npz or .json.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    arrays.check_output(output, arrays.ARRAY_SUFFIXES)
    vae = _load(model, "embed")
    clip = clips.read(poses, data_dir, vae.skeleton)
    arrays.write(output, vae.embed(*clip))
    print(output)


def classify(
    model: Model,
    poses: Poses,
    output: arguments.OptionalPath = None,
    data_dir: arguments.OptionalPath = None,
):
    """Classifies the action in a clip with a SavedModel.

    Args:
        model: Folder of an exported classifier.
        poses: Clip to read: a .npz or .json file with `poses` and, optionally,
            `visibility`; or one of a dataset, such as
            synthetic_actions/test/0.
        output: File to write all probabilities to, .npz or .json.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    if output is not None:
        arrays.check_output(output, arrays.ARRAY_SUFFIXES)
    classifier = _load(model, "classify")
    clip = clips.read(poses, data_dir, classifier.skeleton)
    probabilities = classifier.classify(*clip)
    if output is not None:
        arrays.write(
            output,
            {"actions": classifier.actions, "probabilities": probabilities},
        )
    ranked = sorted(zip(probabilities, classifier.actions), reverse=True)
    for probability, action in ranked[:NUM_SHOWN]:
        print(f"{probability:6.1%}  {action}")


def generate(
    model: Model,
    poses: Poses,
    output: pathlib.Path,
    prefix: Annotated[
        int | None, tyro.conf.arg(metavar="INT", help_behavior_hint="")
    ] = None,
    horizon: int = 30,
    num_samples: int = 1,
    temperature: Annotated[
        float | None, tyro.conf.arg(metavar="FLOAT", help_behavior_hint="")
    ] = None,
    seed: int = 0,
    data_dir: arguments.OptionalPath = None,
):
    """Continues a clip with a SavedModel, as a picture or as numbers.

    Args:
        model: Folder of an exported generator.
        poses: Clip to read: a .npz or .json file with `poses` and, optionally,
            `visibility`; or one of a dataset, such as
            synthetic_actions/test/0.
        output: File to write: a .gif or .png picture, or .npz or .json.
        prefix: Number of frames that the model sees; by default all. The frames
            after them are drawn next to the continuation.
        horizon: Number of frames to generate.
        num_samples: Number of futures to generate.
        temperature: Temperature of the samples; 0 gives the one deterministic
            prediction. By default 0 for one future, and 1 for several.
        seed: Seed of the samples.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    arrays.check_output(output, arrays.ARRAY_SUFFIXES + clips.PICTURE_SUFFIXES)
    if horizon * num_samples > MAX_FRAMES:
        raise ValueError(
            "`horizon` times `num_samples` must be at most "
            f"{MAX_FRAMES:,} frames. Received: {horizon} and {num_samples}"
        )
    if temperature is None:
        temperature = 1.0 if num_samples > 1 else 0.0
    generator = _load(model, "generate")
    clip = clips.read(poses, data_dir, generator.skeleton)
    if prefix is not None and not 1 <= prefix <= len(clip[0]):
        raise ValueError(
            f"`prefix` must be between 1 and the clip's {len(clip[0])} frames. "
            f"Received: {prefix}"
        )
    seen = tuple(array[:prefix] for array in clip)
    futures = generator.generate(
        *seen,
        horizon=horizon,
        num_samples=num_samples,
        temperature=temperature,
        seed=seed,
    )
    if output.suffix.lower() in arrays.ARRAY_SUFFIXES:
        arrays.write(output, futures)
    else:
        _draw_futures(output, generator.skeleton, clip, seen, futures)
    print(output)


def _draw_futures(output, skeleton, clip, seen, futures):
    end = len(seen[0]) + futures["poses"].shape[1]
    sequences, titles = [], []
    if len(clip[0]) > len(seen[0]):
        sequences.append(tuple(array[:end] for array in clip))
        titles.append("truth")
    shown = futures["visibility"] > 0.5  # Likelier seen than not.
    for k, future in enumerate(zip(futures["poses"], shown)):
        pairs = zip(seen, future)
        sequences.append(tuple(np.concatenate(pair) for pair in pairs))
        titles.append(f"continuation {k + 1}")
    clips.draw(output, sequences, skeleton, titles, prefix=len(seen[0]))


def _load(path, endpoint):
    """Loads a SavedModel that must have an endpoint of that name."""
    from pose_tf.serving import loaded

    model = loaded.load(path)
    if not hasattr(model, endpoint):
        raise ValueError(
            f"`model` must be a SavedModel with the endpoint {endpoint!r}. "
            f"Received: {path}, a {type(model).__name__}"
        )
    return model
