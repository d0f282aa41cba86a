"""The whole path on generated data, in minutes: what `make demo` runs.

python -m pose_tf.cli.demo --workdir=.demo
"""

import pathlib
import sys

import numpy as np

from pose_tf import arguments, run_files, terminal

DATASET, PRESET = "synthetic_actions", "demo"
PREFIX, HORIZON = 10, 30  # Frames that the gallery's futures see and show.
NUM_SHOWN = 4  # GIFs of a kind.
# Futures beside the truth, and their temperatures.
FUTURES = {"prediction": 0.0, "sample, temperature 0.3": 0.3}


def demo(workdir: pathlib.Path = pathlib.Path(".demo")):
    """Builds a dataset, trains three models on it and shows what they do.

    Args:
        workdir: Folder of everything made; a second run skips what is there.
    """
    from pose_tf.pipeline import example_gen
    from pose_tf.runner import run

    data_dir = workdir / "data"
    result = run.run(DATASET, PRESET, workdir, data_dir=data_dir)
    test_clips = example_gen.load(DATASET, data_dir=data_dir).test
    clips = _some(test_clips)
    np.savez(workdir / "clip.npz", **_arrays(clips[0]))
    pictures = draw_gallery(clips, workdir, workdir / "gallery")
    print(f"\n{table(result.evaluations)}\n")
    print("Gallery:", *pictures, sep="\n  ")
    program = pathlib.Path(sys.executable).with_name("tensorboard")
    print(f"\nTensorBoard:\n  {program} --logdir={workdir}\n")


def table(evaluations) -> str:
    """A line for each model: its figure beside its trivial baseline's.

    Args:
        evaluations: Dict of `evaluator.Evaluation` by kind.
    """
    vae, classifier, generator = (
        evaluations[kind] for kind in ("vae", "classifier", "generator")
    )
    lines = [("on unseen clips", "model", "baseline", "")]
    lines += [
        (
            "reconstruction error, torso lengths (lower is better)",
            f"{vae.metrics['mpjpe']:.3f}",
            f"{vae.baseline['pca_mpjpe']:.3f}",
            f"PCA of {vae.baseline['pca_num_components']} dimensions",
        ),
        (
            "classification, top-1 %",
            f"{classifier.metrics['top1']:.1f}",
            f"{classifier.baseline['nearest_neighbor_top1']:.1f}",
            "nearest training clip",
        ),
        (
            "continuation, PCK@0.05 %, mean of 30 frames",
            f"{generator.metrics['mean_pck']:.1f}",
            f"{generator.baseline['zero_velocity']['mean_pck']:.1f}",
            "zero velocity",
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        f"{what:{widths[0]}}  {ours:>{widths[1]}}  {theirs:>{widths[2]}}  {of}"
        for what, ours, theirs, of in lines
    )


def draw_gallery(clips, workdir, folder):
    """GIFs of continuations and reconstructions; returns their paths.

    Args:
        clips: Clips, dicts of arrays.
        workdir: Folder of a run, with its exports.
        folder: Where the GIFs go.
    """
    from pose_tf.cli.clips import draw
    from pose_tf.serving import loaded

    generator = loaded.load(workdir / "generator" / run_files.SAVED_MODEL)
    vae = loaded.load(workdir / "vae" / run_files.SAVED_MODEL)
    paths = []
    for clip in clips:
        poses, seen = clip["poses"], clip["visibility"]
        name = clip["clip_id"].decode()
        end = PREFIX + HORIZON
        futures = [
            _continued(generator, poses, seen, t) for t in FUTURES.values()
        ]
        paths.append(folder / f"continuation_{name}.gif")
        draw(
            paths[-1],
            [(poses[:end], seen[:end]), *futures],
            generator.skeleton,
            ["truth", *FUTURES],
            prefix=PREFIX,
        )
        again = vae.reconstruct(poses, seen)["poses"]
        paths.append(folder / f"reconstruction_{name}.gif")
        draw(
            paths[-1],
            [(poses, seen), (again, seen)],
            vae.skeleton,
            ["truth", "reconstruction"],
        )
    return paths


def _continued(generator, poses, seen, temperature):
    """A clip's prefix and one future of it: poses and visibility."""
    poses, seen = poses[:PREFIX], seen[:PREFIX]
    future = generator.generate(
        poses, seen, horizon=HORIZON, num_samples=1, temperature=temperature
    )
    likely = future["visibility"][0] > 0.5  # Likelier seen than not.
    return (
        np.concatenate([poses, future["poses"][0]]),
        np.concatenate([seen, likely]),
    )


def _some(clips_ds):
    """A few clips of different actions that are long enough to be continued."""
    chosen, actions = [], set()
    for clip in clips_ds.as_numpy_iterator():
        long_enough = len(clip["poses"]) >= PREFIX + HORIZON
        if long_enough and clip["action"] not in actions:
            chosen.append(clip)
            actions.add(clip["action"])
        if len(chosen) == NUM_SHOWN:
            break
    return chosen


def _arrays(clip):
    return {key: clip[key] for key in ("poses", "visibility")}


def main(argv=None):
    """Runs the demo with the flags of `argv`."""
    terminal.quiet_tensorflow()
    with arguments.one_line_errors("pose_tf.cli.demo"):
        arguments.parse(demo, argv, prog="python -m pose_tf.cli.demo")


if __name__ == "__main__":
    main()
