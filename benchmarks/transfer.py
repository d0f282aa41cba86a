"""Scores motion VAEs on another data set than that they were trained on.

JHMDB-14, with its joints reduced to Penn Action's 13: the committed motion VAE
of Penn Action, and one trained on each of its own three splits, with 1, 2 and 5
labelled clips per action. Penn Action: its own, and those of JHMDB-14's splits,
with 1, 5 and 10 % of the clips labelled. Both, and MultiRocketHydra, get the same
labelled clips. The embeddings are learnt without labels; the head is that of
`pose_tf.learn`, with the other training clips as unlabelled ones. On JHMDB-14 it
also gets what a motion VAE embeds, without a learned embedding. No test clip is seen
before it is scored.

Scores and models are kept in `runs/transfer`, so that a second run goes on where
the first was stopped; delete the folder to measure again.
"""

import contextlib
import os
import pathlib

import numpy as np

from benchmarks import few_labels, jhmdb, sides
from benchmarks.table import Row
from pose_tf import files
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE
from studies.motion.jhmdb import clips as second

FOLDER = pathlib.Path("runs/transfer")
MODEL = few_labels.MODEL
PEER = "MultiRocketHydra"
NUM_DRAWS = 5
PENN, JHMDB = "Penn Action", "JHMDB-14"
# What the head gets instead of an embedding: as many dimensions as that has, all
# that the motion VAE sees, or the random features themselves.
CONTROLS = {
    "PCA, 64 dimensions": 64,
    "PCA, 512 dimensions": 512,
    "random features": None,
}


def _kept(name, make) -> dict:
    """Returns what `make` returns, from a file if it was made before."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        files.write_json(path, make())
    return files.read_json(path)


def _read(split):
    from pose_tf.pose import skeletons

    return second.read(second.folder(), split, skeletons.PENN_ACTION)


def _own(split):
    """Returns the path of a split's motion VAE, trained if it was not yet."""
    path = FOLDER / f"split_{split}"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        with files.scratch(FOLDER) as folder:
            trainer = jhmdb.trained("motion_vae", _read(split), folder)
            pathlib.Path(trainer.export()).rename(path)
    return path


def _learned(path, train, test, numbers, draw) -> dict:
    """Returns the top-1 of the head of `learn`, percent by number and draw."""
    import pose_tf
    from pose_tf.learning import motions
    from studies.motion import heads

    model = pose_tf.load(path)
    known, scored = (
        motions.embed(model, clips).embeddings for clips in (train, test)
    )
    scores = heads.scores(
        known,
        few_labels.labels(train),
        scored,
        few_labels.labels(test),
        numbers,
        NUM_DRAWS,
        heads.masked(draw),
    )
    return scores["draws"][heads.SPREAD]


def _unlearned(clips, numbers, draw) -> dict:
    """Returns the top-1 by control, which learns no embedding, as `_learned`.

    The head gets the random convolutions that a motion VAE embeds, or their
    principal components; see `studies.motion.features`.
    """
    from pose_tf import presets
    from pose_tf.models.motion_vae import INPUT_POWER
    from studies.engine.run import Run
    from studies.motion import features, heads

    preset = presets.get("motion_vae", "default")
    sizes = {
        "num_features": preset.num_features,
        "num_components": preset.num_components,
        "num_views": 2,  # Which are not used.
    }
    with files.scratch(FOLDER) as folder:
        run = Run(experiment=features.NAME, options=sizes)
        features.describe(run, clips, folder)
        stddev = np.load(folder / "stddev.npy")
        train, test = (
            dict(np.load(folder / f"{name}.npz")) for name in ("train", "test")
        )
    scale = stddev**INPUT_POWER

    def top1(size):
        known, scored = (
            part["components"].mean(1)[:, :size] * scale[:size]
            if size
            else part["random"]
            for part in (train, test)
        )
        mean = known.mean(0)
        return heads.scores(
            known - mean,
            train["actions"],
            scored - mean,
            test["actions"],
            numbers,
            NUM_DRAWS,
            heads.masked(draw),
        )["draws"][heads.SPREAD]

    return {name: top1(size) for name, size in CONTROLS.items()}


def _rocket(known, actions, scored, truth, draws):
    """Returns the measures of the peer, one per number of labelled clips."""

    def measure(rows):
        scores = []
        for seed, drawn in enumerate(rows):
            model = few_labels.fitted(PEER, known[drawn], actions[drawn], seed)
            scores.append(100 * np.mean(model.predict(scored) == truth))
        return scores

    return {key: lambda rows=rows: measure(rows) for key, rows in draws.items()}


def _by_peer(train, test, numbers, draw) -> dict:
    """Returns the top-1 of the peer, percent by number and draw."""
    from pose_tf.pose import skeletons

    known, scored = (
        few_labels.sequences(clips, skeletons.PENN_ACTION.name)
        for clips in (train, test)
    )
    actions, truth = few_labels.labels(train), few_labels.labels(test)
    draws = {
        f"{number:g}": [
            draw(actions, number, seed) for seed in range(NUM_DRAWS)
        ]
        for number in numbers
    }
    arguments = known, actions, scored, truth, draws
    with contextlib.closing(sides.Side(_rocket, *arguments)) as side:
        return {key: side.measure(key) for key in draws}


def _on_jhmdb(split) -> dict:
    """Returns the top-1 on the test clips of a split, by method."""
    from pose_tf.evaluation import few_labels as by_number

    clips = _read(split)
    train, test = (
        list(part.as_numpy_iterator()) for part in (clips.train, clips.test)
    )
    given = train, test, jhmdb.LABELS_PER_ACTION, by_number.draw
    name = f"jhmdb_{split}"
    return {
        PENN: _kept(f"{name}_penn", lambda: _learned(MODEL, *given)),
        JHMDB: _kept(f"{name}_own", lambda: _learned(_own(split), *given)),
        **_kept(f"{name}_controls", lambda: _unlearned(clips, *given[2:])),
        PEER: _kept(f"{name}_{PEER}", lambda: _by_peer(*given)),
    }


def _on_penn(split) -> dict:
    """Returns the top-1 on Penn Action's test clips, by method.

    The motion VAE of JHMDB-14 is that of one of its splits.
    """
    train, test, _ = few_labels.read(FOLDER / "data")
    given = train, test, few_labels.SHARES, few_labels.draw
    name = "penn_action"
    return {
        PENN: _kept(f"{name}_own", lambda: _learned(MODEL, *given)),
        JHMDB: _kept(
            f"{name}_jhmdb_{split}", lambda: _learned(_own(split), *given)
        ),
        PEER: _kept(f"{name}_{PEER}", lambda: _by_peer(*given)),
    }


def rows():
    """Yields a row per data set and motion VAE: means over splits and draws."""
    for variable in (second.DIR_VARIABLE, MANUAL_DIR_VARIABLE):
        if not os.environ.get(variable):
            yield Row(what="transfer", value=f"skipped: {variable} is not set")
            return
    numbers = ", ".join(map(str, jhmdb.LABELS_PER_ACTION))
    shares = ", ".join(f"{100 * share:g}" for share in few_labels.SHARES)
    for on, labelled, measure in (
        (JHMDB, f"{numbers} labelled per action", _on_jhmdb),
        (PENN, f"{shares} % labelled", _on_penn),
    ):
        parts = [measure(split) for split in second.SPLITS]
        for trained_on in (PENN, JHMDB):
            yield Row(
                what=f"{on}, {labelled}, motion VAE of {trained_on}",
                value=_told([part[trained_on] for part in parts]),
                peer=", ".join(
                    f"{name} {_told([part[name] for part in parts])}"
                    for name in parts[0]
                    if name not in (PENN, JHMDB)
                ),
            )


def _told(parts):
    """Means over parts and draws, by number of labels, in words."""
    means = [np.mean([part[key] for part in parts]) for key in parts[0]]
    return ", ".join(f"{mean:.1f}" for mean in means) + " %"
