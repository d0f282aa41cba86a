"""The command `pose-tf map`: many clips on one page, by how they move."""

import pathlib
import warnings
from typing import Annotated

import tyro

from pose_tf import arguments
from pose_tf.cli import collections
from pose_tf.cli.models import Model
from pose_tf.formats import outputs

Clips = tyro.conf.Positional[Annotated[str, tyro.conf.arg(metavar="CLIPS")]]
SUFFIXES = (".html",)


def map(
    model: Model,
    clips: Clips,
    output: pathlib.Path,
    num_neighbors: int = 6,
    max_clips: int = 2000,
    seed: int = 0,
    data_dir: arguments.OptionalPath = None,
):
    """Writes a page: clips by how they move, with moving figures.

    Args:
        model: Folder of an exported motion VAE.
        clips: Clips to show: a folder as `keypoint_files` takes it, or a
            dataset, such as penn_action or penn_action/test.
        output: Page to write, .html.
        num_neighbors: Nearest neighbors shown of each clip.
        max_clips: Largest number of clips on the page. Of more, so many are
            chosen at random, of each action in its share.
        seed: Seed of this choice and of the layout.
        data_dir: Folder of prepared datasets; by default TFDS's.
    """
    outputs.check_output(output, SUFFIXES)
    from pose_tf.learning import motion_models, motions
    from pose_tf.plots import motion_map

    if not 2 <= max_clips <= motion_map.MAX_CLIPS:
        raise ValueError(
            "`max_clips` must be at least 2 and at most "
            f"{motion_map.MAX_CLIPS}. Received: {max_clips}"
        )
    found = collections.find(clips, data_dir)
    embedder = motion_models.open_model(model, found.skeleton)
    places = motion_map.choose(found.actions, max_clips, seed)
    shown = list(found.read(places.tolist()))
    embedded = motions.embed(embedder, shown, leave_out=True)
    made = motion_map.write(
        output,
        [motion_map.Motion(**shown[place]) for place in embedded.places],
        embedded.embeddings,
        found.skeleton,
        title=f"Motions of {clips}",
        num_neighbors=num_neighbors,
        seed=seed,
    )
    _tell(output, made, len(found.actions), embedded.unseen)


def _tell(output, made, count, unseen):
    """Prints what is on the page, of `count` clips, and warns of `unseen`."""
    if unseen:
        warnings.warn(
            f"{len(unseen)} of the clips are left out, since nobody is visible "
            f"in them: {unseen[0]}{', ...' if len(unseen) > 1 else ''}",
            stacklevel=2,
        )
    of_all = f" of {count}" if made["num_clips"] < count else ""
    print(
        f"{output}: {made['num_clips']} clips{of_all}, "
        f"{made['num_bytes'] / 1e6:.1f} MB"
    )
    if made["agreement"] is not None:
        print(
            "The nearest neighbor has the same action for "
            f"{made['agreement']:.1%} of them"
        )
