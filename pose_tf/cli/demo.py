"""Runs the whole pipeline on generated data: what `make demo` does.

python -m pose_tf.cli.demo --workdir=.demo
"""

import pathlib
import sys

import numpy as np

from pose_tf import arguments, run_files, terminal, trainers

FEW_LABELS = (1, 5)  # Per action, as the motion VAE is scored.
DATASET, PRESET = "synthetic_actions", "demo"
# Actions of the gallery, in which the whole body moves.
SHOWN_ACTIONS = ("jumping_jacks", "squat", "jump", "pick_up")
PREFIX, HORIZON = 10, 30  # Frames that a model sees in the gallery, and adds.
# Titles of the futures next to the true one, and their temperatures.
FUTURES = {"prediction": 0.0, "sample, temperature 0.3": 0.3}


def demo(workdir: pathlib.Path = pathlib.Path(".demo")):
    """Builds a dataset, trains three models on it and shows what they do.

    Args:
        workdir: Folder for everything that is made. A second run skips what is
            already there.
    """
    arguments.check_folders(workdir=workdir)
    from pose_tf.pipeline import example_gen
    from pose_tf.runner import run

    data_dir = workdir / "data"
    result = run.run(DATASET, PRESET, workdir, data_dir=data_dir)
    data = example_gen.load(DATASET, data_dir=data_dir)
    clips = choose_clips(data.test, data.actions)
    first = next(iter(clips.values()))
    arrays = {key: first[key] for key in ("poses", "visibility")}
    np.savez(workdir / "clip.npz", **arrays)
    pictures = draw_gallery(clips, workdir, workdir / "gallery")
    print(f"\n{table(result.evaluations)}\n")
    for kind in result.evaluations:
        verdict = "beats its baselines"
        if kind not in result.pushed:
            verdict = "does not beat its baselines everywhere: see above"
        print(f"The {kind} {verdict}.")
    print("\nPictures of unseen clips:", *pictures, sep="\n  ")
    program = pathlib.Path(sys.executable).with_name("tensorboard")
    print(f"\nTo look at the training:\n  {program} --logdir={workdir}\n")


def table(evaluations) -> str:
    """Returns a line per metric: that of a model and those of its baselines.

    Args:
        evaluations: Dict of `evaluator.Evaluation` by kind.
    """
    vae, motion_vae, classifier, generator = (
        evaluations[kind] for kind in trainers.KINDS
    )
    pca = f"PCA of {vae.baseline['pca_num_components']} dimensions"
    neighbor = classifier.baseline["nearest_neighbor_top1"]
    lines = [
        ("on unseen clips", "model", "baselines"),
        (
            "reconstruction: error, torso lengths (lower is better)",
            f"{vae.metrics['mpjpe']:.3f}",
            f"{vae.baseline['pca_mpjpe']:.3f} {pca}",
        ),
        *_few_labels(motion_vae),
        (
            "classification: correct clips, %",
            f"{classifier.metrics['top1']:.1f}",
            f"{neighbor:.1f} nearest training clip",
        ),
    ]
    num_frames = len(generator.metrics["pck"])
    for what, metric in (
        ("next frame", lambda scores: scores["pck"][0]),
        (f"mean of {num_frames} frames", lambda scores: scores["mean_pck"]),
    ):
        rivals = [
            f"{metric(scores):.1f} {name.replace('_', ' ')}"
            for name, scores in generator.baseline.items()
        ]
        lines.append(
            (
                f"continuation: correct joints (PCK@0.05), {what}, %",
                f"{metric(generator.metrics):.1f}",
                ", ".join(rivals),
            )
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        f"{what:{widths[0]}}  {ours:>{widths[1]}}  {theirs}"
        for what, ours, theirs in lines
    )


def _few_labels(motion_vae):
    """Yields a line per number of labelled clips."""
    dimensions = motion_vae.metrics["latent_dim"]
    for number in FEW_LABELS:
        score = f"top1_with_{number}_per_action"
        pca = motion_vae.baseline[f"pca_{score}"]
        yield (
            f"few labels: correct clips, {number} labelled per action, %",
            f"{motion_vae.metrics[score]:.1f}",
            f"{pca:.1f} PCA of {dimensions} dimensions",
        )


def choose_clips(clips_ds, actions):
    """Returns the first clip of each shown action that is long enough.

    Args:
        clips_ds: Dataset of clips.
        actions: Names of its actions.

    Returns:
        Dict of clips, dicts of arrays, by action in the order of
        `SHOWN_ACTIONS`.
    """
    chosen: dict[str, dict] = {}
    for clip in clips_ds.as_numpy_iterator():
        if len(clip["poses"]) >= PREFIX + HORIZON:
            chosen.setdefault(actions[clip["action"]], clip)
    return {name: chosen[name] for name in SHOWN_ACTIONS if name in chosen}


def draw_gallery(clips, workdir, folder):
    """Draws GIFs of continuations and reconstructions; returns their paths.

    Args:
        clips: Dict of clips, dicts of arrays, by a name for the files.
        workdir: Folder of a run, with its exports.
        folder: Folder to write to.
    """
    from pose_tf.cli.clips import draw
    from pose_tf.serving import loaded

    generator = loaded.load(workdir / "generator" / run_files.SAVED_MODEL)
    vae = loaded.load(workdir / "vae" / run_files.SAVED_MODEL)
    continuations, reconstructions = [], []
    for name, clip in clips.items():
        poses, visibility = clip["poses"], clip["visibility"]
        shown = slice(start := most_motion(clip), start + PREFIX + HORIZON)
        truth = poses[shown], visibility[shown]
        futures = [_continue(generator, *truth, t) for t in FUTURES.values()]
        continuations.append(folder / f"continuation_{name}.gif")
        draw(
            continuations[-1],
            [truth, *futures],
            generator.skeleton,
            ["truth", *FUTURES],
            prefix=PREFIX,
        )
        reconstructed = vae.reconstruct(poses, visibility)["poses"]
        reconstructions.append(folder / f"reconstruction_{name}.gif")
        draw(
            reconstructions[-1],
            [(poses, visibility), (reconstructed, visibility)],
            vae.skeleton,
            ["truth", "reconstruction"],
        )
    return continuations + reconstructions


def most_motion(clip):
    """Returns the frame at which the prefix begins that moves most.

    The first frames of a clip, before its action begins, do not show what the
    person will do. Frames after the prefix do not matter.

    Args:
        clip: Dict of arrays, of at least `PREFIX + HORIZON` frames.
    """
    both = clip["visibility"][1:] & clip["visibility"][:-1]
    steps = np.linalg.norm(np.diff(clip["poses"], axis=0), axis=-1)
    speed = np.where(both, steps, 0).sum(-1) / np.maximum(both.sum(-1), 1)
    motion = np.convolve(speed, np.ones(PREFIX - 1), "valid")
    return int(np.argmax(motion[: len(clip["poses"]) - PREFIX - HORIZON + 1]))


def _continue(generator, poses, visibility, temperature):
    """Returns a prefix with one future of it: poses and visibility."""
    poses, visibility = poses[:PREFIX], visibility[:PREFIX]
    future = generator.generate(
        poses,
        visibility,
        horizon=HORIZON,
        num_samples=1,
        temperature=temperature,
    )
    likely = future["visibility"][0] > 0.5  # Rather visible than not.
    return (
        np.concatenate([poses, future["poses"][0]]),
        np.concatenate([visibility, likely]),
    )


def main(argv=None):
    """Runs the demo with the flags of `argv`."""
    terminal.quiet_tensorflow()
    with arguments.one_line_errors("pose_tf.cli.demo"):
        arguments.parse(demo, argv, prog="python -m pose_tf.cli.demo")


if __name__ == "__main__":
    main()
