"""The commands of `pose-tf` that use a SavedModel: embed, classify, generate."""

import pathlib
from typing import Annotated

import numpy as np
import tyro

from pose_tf import arguments
from pose_tf.cli import clips
from pose_tf.formats import outputs

Model = tyro.conf.Positional[
    Annotated[pathlib.Path, tyro.conf.arg(metavar="MODEL")]
]
Poses = tyro.conf.Positional[Annotated[str, tyro.conf.arg(metavar="POSES")]]
MAX_FRAMES = 1_000_000  # That `generate` makes: a gigabyte of memory.
NUM_SHOWN = 5  # Most probable actions that `classify` prints.
NONE = "none of these"
# Novelty from which a clip shows none of the actions; docs/results.md says how
# often that is wrong.
NONE_FROM = 0.99


def embed(
    model: Model,
    poses: Poses,
    output: pathlib.Path,
    file: clips.Options = clips.NOTHING_ELSE,
    data_dir: arguments.OptionalPath = None,
):
    """Embeds a clip with a SavedModel: `mean`, `stddev`, `root`, `scale`.

    Args:
        model: Folder of an exported VAE.
        poses: Clip to read: a file of poses, whichever tool wrote it; or a clip
            of a dataset, such as synthetic_actions/test/0.
        output: File to write, .npz or .json. Of several people, each has a file
            of its own, with `_person` and the number in its name.
        file: What the file does not say of itself.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    outputs.check_output(output, outputs.ARRAY_SUFFIXES)
    vae = load(model, "embed")
    people = clips.read_people(poses, data_dir, vae.skeleton, file)
    for path, clip in outputs_of(output, people):
        outputs.write(path, vae.embed(clip.poses, clip.visibility))
        print(path)


def classify(
    model: Model,
    poses: Poses,
    output: arguments.OptionalPath = None,
    file: clips.Options = clips.NOTHING_ELSE,
    data_dir: arguments.OptionalPath = None,
):
    """Classifies the action in a clip with a SavedModel.

    Args:
        model: Folder of an exported classifier.
        poses: Clip to read: a file of poses, whichever tool wrote it; or a clip
            of a dataset, such as synthetic_actions/test/0. Of several people,
            each is classified.
        output: File to write all probabilities to, .npz or .json.
        file: What the file does not say of itself.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    if output is not None:
        outputs.check_output(output, outputs.ARRAY_SUFFIXES)
    classifier = load(model, "classify")
    people = clips.read_people(poses, data_dir, classifier.skeleton, file)
    answers = {
        "probabilities": np.stack([classifier.classify(one) for one in people])
    }
    if classifier.says_novelty:
        novelty = [classifier.novelty(one) for one in people]
        answers["novelty"] = np.array(novelty)
    if output is not None:
        _write_answers(output, people, answers, classifier.actions)
    if len(people) > 1:
        _print_people(people, answers, classifier.actions)
    else:
        _print_ranked(answers, classifier.actions)


def _write_answers(output, people, answers, actions):
    """Writes what a classifier says; without an axis for a single person."""
    if len(people) == 1:
        answers = {name: value[0] for name, value in answers.items()}
    else:
        answers = {**answers, "person": [clip.person for clip in people]}
    outputs.write(output, {"actions": actions, **answers})


def _print_ranked(answers, actions):
    """Prints the likeliest actions of one person, the likeliest first."""
    if _is_none(answers)[0]:
        print(f"{NONE}: novelty {answers['novelty'][0]:.3f}; the nearest are")
    ranked = sorted(zip(answers["probabilities"][0], actions), reverse=True)
    for probability, action in ranked[:NUM_SHOWN]:
        print(f"{probability:6.1%}  {action}")


def _print_people(people, answers, actions):
    """Prints a row per person: who, in which frames, and the likeliest action."""
    rows = zip(people, answers["probabilities"], _is_none(answers))
    for clip, row, is_none in rows:
        frames = f"{clip.start}-{clip.start + len(clip.poses) - 1}"
        action = actions[row.argmax()]
        print(
            f"person {clip.person:4d}  frames {frames:>11}  {row.max():6.1%}  "
            + (f"{NONE}; the nearest is {action}" if is_none else action)
        )


def _is_none(answers):
    """Returns who does nothing that the model knows, bool `[P]`."""
    if "novelty" not in answers:
        return np.zeros(len(answers["probabilities"]), bool)
    return answers["novelty"] >= NONE_FROM


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
    action: Annotated[
        str | None, tyro.conf.arg(metavar="STR", help_behavior_hint="")
    ] = None,
    seed: int = 0,
    file: clips.Options = clips.NOTHING_ELSE,
    data_dir: arguments.OptionalPath = None,
):
    """Continues a clip with a SavedModel, as a picture or as numbers.

    Args:
        model: Folder of an exported generator.
        poses: Clip to read: a file of poses, whichever tool wrote it; or a clip
            of a dataset, such as synthetic_actions/test/0.
        output: File to write: a .gif or .png picture, or .npz or .json. Of
            several people, each has a file of its own, with `_person` and the
            number in its name.
        prefix: Number of frames that the model sees; by default all. The frames
            after them are drawn next to the continuation.
        horizon: Number of frames to generate.
        num_samples: Number of futures to generate.
        temperature: Temperature of the samples; 0 gives the one deterministic
            prediction. By default 0 for one future, and 1 for several.
        action: Name of the action that goes on; by default the model guesses.
        seed: Seed of the samples.
        file: What the file does not say of itself.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    outputs.check_output(
        output, outputs.ARRAY_SUFFIXES + clips.PICTURE_SUFFIXES
    )
    if horizon * num_samples > MAX_FRAMES:
        raise ValueError(
            "`horizon` times `num_samples` must be at most "
            f"{MAX_FRAMES:,} frames. Received: {horizon} and {num_samples}"
        )
    if temperature is None:
        temperature = 1.0 if num_samples > 1 else 0.0
    generator = load(model, "generate")
    people = clips.read_people(poses, data_dir, generator.skeleton, file)
    if prefix is not None:
        _check_prefix(prefix, people)
    for path, clip in outputs_of(output, people):
        futures = generator.generate(
            clip.poses[:prefix],
            clip.visibility[:prefix],
            horizon=horizon,
            num_samples=num_samples,
            temperature=temperature,
            seed=seed,
            action=action,
            fps=clip.fps,
        )
        if path.suffix.lower() in outputs.ARRAY_SUFFIXES:
            outputs.write(path, futures)
        else:
            _draw_futures(path, clip, prefix, futures)
        print(path)


def _check_prefix(prefix, people):
    shortest = min(len(clip.poses) for clip in people)
    if not 1 <= prefix <= shortest:
        raise ValueError(
            f"`prefix` must be between 1 and the clip's {shortest} frames. "
            f"Received: {prefix}"
        )


def outputs_of(output, people):
    """Returns pairs of a path and a person's clip."""
    if len(people) == 1:
        return [(output, people[0])]
    return [
        (
            output.with_stem(f"{output.stem}_person{clip.person}"),
            clip,
        )
        for clip in people
    ]


def _draw_futures(output, clip, prefix, futures):
    whole = clip.poses, clip.visibility
    seen = tuple(array[:prefix] for array in whole)
    end = len(seen[0]) + futures["poses"].shape[1]
    sequences, titles = [], []
    if len(whole[0]) > len(seen[0]):
        sequences.append(tuple(array[:end] for array in whole))
        titles.append("truth")
    shown = futures["visibility"] > 0.5  # Likelier seen than not.
    for k, future in enumerate(zip(futures["poses"], shown)):
        pairs = zip(seen, future)
        sequences.append(tuple(np.concatenate(pair) for pair in pairs))
        titles.append(f"continuation {k + 1}")
    clips.draw(output, sequences, clip.skeleton, titles, prefix=len(seen[0]))


def load(path, endpoint):
    """Loads a SavedModel that must have an endpoint of that name."""
    from pose_tf.serving import loaded

    model = loaded.load(path)
    if not hasattr(model, endpoint):
        raise ValueError(
            f"`model` must be a SavedModel with the endpoint {endpoint!r}. "
            f"Received: {path}, a {type(model).__name__}"
        )
    return model
