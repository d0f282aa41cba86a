"""The commands of `pose-tf` that use a SavedModel: embed, classify, generate."""

import pathlib

import numpy as np
import tyro

from pose_tf.cli import clips
from pose_tf.formats import arrays

NUM_SHOWN = 5  # Most probable actions that `classify` prints.


def embed(
    model: tyro.conf.Positional[pathlib.Path],
    poses: tyro.conf.Positional[str],
    output: pathlib.Path,
    data_dir: pathlib.Path | None = None,
):
    """Embeds a clip with a SavedModel: `mean`, `stddev`, `root`, `scale`.

    Args:
        model: Folder of an exported VAE.
        poses: A .npz or .json file with `poses` and `visibility`, or a clip
            of a dataset, such as synthetic_actions/test/0.
        output: A .npz or .json file.
        data_dir: Folder of prepared datasets; TFDS's own if not given.
    """
    arrays.check_suffix(output, arrays.ARRAY_SUFFIXES)
    vae = _load(model, "embed")
    clip = clips.read(poses, data_dir, vae.skeleton)
    arrays.write(output, vae.embed(*clip))
    print(output)


def classify(
    model: tyro.conf.Positional[pathlib.Path],
    poses: tyro.conf.Positional[str],
    output: pathlib.Path | None = None,
    data_dir: pathlib.Path | None = None,
):
    """Tells a clip's action with a SavedModel.

    Args:
        model: Folder of an exported classifier.
        poses: A .npz or .json file with `poses` and `visibility`, or a clip
            of a dataset, such as synthetic_actions/test/0.
        output: A .npz or .json file for all probabilities, if wanted.
        data_dir: Folder of prepared datasets; TFDS's own if not given.
    """
    if output is not None:
        arrays.check_suffix(output, arrays.ARRAY_SUFFIXES)
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
    model: tyro.conf.Positional[pathlib.Path],
    poses: tyro.conf.Positional[str],
    output: pathlib.Path,
    prefix: int | None = None,
    horizon: int = 30,
    num_samples: int = 1,
    temperature: float | None = None,
    seed: int = 0,
    data_dir: pathlib.Path | None = None,
):
    """Continues a clip with a SavedModel: drawn, or written as numbers.

    Args:
        model: Folder of an exported generator.
        poses: A .npz or .json file with `poses` and `visibility`, or a clip
            of a dataset, such as synthetic_actions/test/0.
        output: A .gif or .png picture, or a .npz or .json file.
        prefix: Frames of the clip that the model sees; all if not given. What
            follows them is drawn beside the continuation.
        horizon: Frames to generate.
        num_samples: Futures to generate.
        temperature: 0 gives the one deterministic prediction, 1 samples. If
            not given, 0 for one future and 1 for several, which would be equal
            otherwise.
        seed: Of the samples.
        data_dir: Folder of prepared datasets; TFDS's own if not given.
    """
    arrays.check_suffix(output, arrays.ARRAY_SUFFIXES + clips.PICTURE_SUFFIXES)
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
