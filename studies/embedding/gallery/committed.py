"""Draws the gallery of a SavedModel: a prediction and three samples.

    python -m studies.embedding.gallery.committed

Windows are chosen by rank; see `choice` and the page that it writes.
"""

import argparse
import os
import pathlib
import tempfile

import numpy as np

from pose_tf import files, terminal
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE
from studies.page.records import table
from studies.page.templates import fill

MODEL = pathlib.Path("saved_models/penn_action_generator")
OUTPUT = pathlib.Path("docs/gallery")
PAGE = "README.md"
PREFIX, HORIZON, STRIDE, LAG = 10, 50, 5, 5
NUM_SAMPLES = 3
KINDS = {"realistic": 2, "frozen": 2, "drifting": 2}
HEADINGS = {
    "realistic": "## Realistic",
    "frozen": "## Collapsed",
    "drifting": "## Drifting",
}
AHEAD = (0, 5, 15, 30, 50)  # Of the long sequence, frames.
REPEATED = (
    "jump_rope",
    "jumping_jacks",
    "pushup",
    "pullup",
    "squat",
    "situp",
)
LENGTH, LAST = 500, 100  # Of endless sequences, frames.
# Of short and of endless sequences, every so-many-th frame is drawn.
SHORT_STEP, STEP = 2, 4
SIZE = 110  # Side of a panel, pixels.
# All windows of a block share the noise of a sample.
WINDOWS_PER_BLOCK = 16
TITLES = ("truth", "prediction", "sample 1", "sample 2", "sample 3")


def parse(argv=None) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m studies.embedding.gallery.committed",
        description=__doc__.splitlines()[0],
    )
    parser.add_argument("--model", type=pathlib.Path, default=MODEL)
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    parser.add_argument(
        "--manual_dir", default=os.environ.get(MANUAL_DIR_VARIABLE)
    )
    return parser.parse_args(argv)


def draw(model, clips, output) -> pathlib.Path:
    """Writes pictures and page; returns the path of the page.

    Args:
        model: A loaded generator.
        clips: `example_gen.Clips`.
        output: Folder of the page. What else is in it stays.
    """
    gallery = _Gallery(model, clips, output)
    parts = [gallery.introduction()]
    for kind, count in KINDS.items():
        parts += [HEADINGS[kind], gallery.pictures(kind, count)]
        if kind == "frozen":
            still = gallery.pictures(kind, count, of="prediction")
            parts += [fill(__file__, "committed_still"), still]
    parts += [gallery.long(), *gallery.endless()]
    page = output / PAGE
    with files.writing(page) as aside:
        aside.write_text("\n\n".join(parts) + "\n")
    return page


class _Gallery:
    """Windows, their futures and measures, and what is drawn of them."""

    def __init__(self, model, clips, output):
        from studies.embedding.gallery import choice
        from studies.embedding.generation import experiment as generation

        self.model, self.clips, self.output = model, clips, output
        cut = generation.test_windows(clips, HORIZON)
        self.num_windows = len(cut["poses"])
        seen = cut["visibility"].mean((1, 2)) >= choice.MIN_VISIBLE
        self.cut = {name: values[seen] for name, values in cut.items()}
        prefix = (
            self.cut["poses"][:, :PREFIX],
            self.cut["visibility"][:, :PREFIX],
        )
        self.futures = futures(model, *prefix, HORIZON)
        measures = [
            choice.measure(
                self.futures[:, k], self.cut, clips.skeleton, PREFIX, LAG
            )
            for k in range(1 + NUM_SAMPLES)
        ]
        self.measures = {
            "prediction": measures[0],
            "samples": {
                name: np.mean([m[name] for m in measures[1:]], axis=0)
                for name in choice.MEASURES
            }
            | {"eligible": np.all([m["eligible"] for m in measures], axis=0)},
        }

    def introduction(self):
        """Returns the head of the page."""
        return fill(
            __file__,
            "committed",
            num_windows=self.num_windows,
            num_eligible=int(self.measures["samples"]["eligible"].sum()),
            horizon=HORIZON,
        )

    def pictures(self, kind, count, of="samples"):
        """Draws the first windows of a kind; returns them with captions."""
        rows = []
        prefix = kind if of == "samples" else f"{kind}_{of}"
        for rank, i in enumerate(self.chosen(kind, count, of), start=1):
            name = f"{prefix}_{rank}.gif"
            self._draw(name, i, HORIZON, SHORT_STEP)
            rows.append(_shown(name, self._caption(i)))
        return "\n\n".join(rows) or "No window."

    def chosen(self, kind, count, of="samples"):
        """Returns positions of the first windows of a kind."""
        from studies.embedding.gallery import choice

        # Of different actions, so that they show more than one.
        return choice.choose(self.measures[of], self.cut["action"], kind, count)

    def long(self):
        """Draws the window of the median error, farther ahead each time."""
        parts = ["## Long"]
        for i in self.chosen("typical", 1):
            parts.append(self._caption(i) + ".")
            for ahead in AHEAD:
                name = f"long_{ahead}.gif"
                self._draw(name, i, ahead)
                what = f"+{ahead} frames" if ahead else "What it sees (+0)"
                parts.append(f"{what}:\n\n![{what}]({name})")
        return "\n\n".join(parts)

    def endless(self):
        """Draws the best and the median of the rollouts of `LENGTH` frames."""
        clips, cuts, real = _middles(self.clips)
        poses = np.stack([cut["poses"] for cut in cuts])
        seen = np.stack([cut["visibility"] for cut in cuts])
        future = futures(self.model, poses, seen, LENGTH)
        ratio = np.stack(
            [_energy(future[:, k], cuts) / real for k in range(1 + NUM_SAMPLES)]
        )
        off = np.abs(np.log(np.maximum(ratio[1], np.finfo(float).tiny)))
        order = np.argsort(off, kind="stable")
        counts = {"length": LENGTH, "count": len(cuts), "step": STEP}
        for kind, i in (("best", order[0]), ("median", order[len(order) // 2])):
            picture = f"endless_{kind}.gif"
            self._draw_endless(picture, clips[i], cuts[i], future[i])
            yield fill(__file__, f"committed_{kind}", **counts, last=LAST)
            caption = fill(
                __file__,
                "committed_endless_caption",
                **_names(self.clips, clips[i], cuts[i]["start"]),
                last=LAST,
                energies=", ".join(f"{x:.2f}" for x in ratio[1:, i]),
                predicted_ratio=ratio[0, i],
            )
            yield _shown(picture, caption)

    def _draw_endless(self, picture, clip, cut, rollouts):
        """Draws the rest of a clip, and rollouts from the prefix `cut`."""
        truth = [
            clip[name][cut["start"] :][: PREFIX + LENGTH]
            for name in ("poses", "visibility")
        ]
        seen = cut["visibility"]
        seen = np.concatenate([seen, np.repeat(seen[-1:], LENGTH, axis=0)])
        going_on = [(np.concatenate([cut["poses"], x]), seen) for x in rollouts]
        self._animate(picture, [tuple(truth), *going_on], TITLES, STEP)

    def _draw(self, name, i, ahead, step=1):
        poses, seen = self.cut["poses"][i], self.cut["visibility"][i]
        end = PREFIX + ahead
        sequences = [(poses[:end], seen[:end])]
        held = np.repeat(seen[PREFIX - 1 : PREFIX], ahead, axis=0)
        held = np.concatenate([seen[:PREFIX], held])
        for future in self.futures[i]:
            whole = np.concatenate([poses[:PREFIX], future[:ahead]])
            sequences.append((whole, held))
        count = len(TITLES) if ahead else 1
        self._animate(name, sequences[:count], TITLES[:count], step)

    def _animate(self, name, sequences, titles, step):
        from pose_tf.plots import animations

        animations.animate(
            sequences,
            self.clips.skeleton,
            self.output / name,
            titles,
            prefix=PREFIX,
            every=step,
            size=SIZE,
        )

    def _caption(self, i):
        samples = {name: x[i] for name, x in self.measures["samples"].items()}
        prediction = self.measures["prediction"]
        clip = {name: self.cut[name][i] for name in ("clip_id", "action")}
        return fill(
            __file__,
            "committed_caption",
            **_names(self.clips, clip, self.cut["start"][i]),
            energy_ratio=samples["energy_ratio"],
            predicted_ratio=prediction["energy_ratio"][i],
            drift=abs(samples["drift"]),
            direction="farther" if samples["drift"] > 0 else "less far",
            error=samples["error"],
            predicted_error=prediction["error"][i],
        )


def futures(model, poses, visibility, horizon):
    """Returns prediction and samples, `(B, 1 + NUM_SAMPLES, H, J, D)`."""
    parts = []
    for start in range(0, len(poses), WINDOWS_PER_BLOCK):
        block = slice(start, start + WINDOWS_PER_BLOCK)
        every = [
            model.generate(
                poses[block], visibility[block], horizon=horizon, **options
            )["poses"]
            for options in (
                {"temperature": 0},
                {
                    "temperature": 1.0,
                    "num_samples": NUM_SAMPLES,
                    "seed": start,
                },
            )
        ]
        parts.append(np.concatenate(every, axis=1))
    return np.concatenate(parts)


def _middles(clips):
    """Returns clips of repeated actions, prefixes in them, and their motion.

    Clips are left out in whose prefix joints are missing or hidden, as for
    windows, or in which nobody moves.
    """
    from pose_tf.evaluation import forecasts, motion_measures
    from studies.embedding.gallery import choice

    indices = [clips.actions.index(name) for name in REPEATED]
    kept: list[dict] = []
    cuts, real = [], []
    for clip in clips.test.as_numpy_iterator():
        if clip["action"] not in indices:
            continue
        start = max(len(clip["poses"]) // 2 - PREFIX, 0)
        frames = slice(start, start + PREFIX)
        names = ("poses", "visibility", "boxes")
        cut = {"start": start, **{name: clip[name][frames] for name in names}}
        unit, _ = forecasts.box_size(clip["boxes"][None])
        energy = motion_measures.lag_energy(
            np.nan_to_num(clip["poses"])[None],
            clip["visibility"][None],
            LAG,
            unit,
        )
        visible = cut["visibility"].mean() >= choice.MIN_VISIBLE
        if visible and np.nanmean(energy) > 0:
            kept.append(clip)
            cuts.append(cut)
            real.append(np.nanmean(energy))
    return kept, cuts, np.array(real)


def _energy(future, cuts):
    """Returns the mean motion in the last `LAST` frames, boxes squared."""
    from pose_tf.evaluation import forecasts, motion_measures

    unit, _ = forecasts.box_size(np.stack([cut["boxes"] for cut in cuts]))
    last = future[:, -LAST - LAG :]
    everywhere = np.ones(last.shape[:3], bool)
    return motion_measures.lag_energy(last, everywhere, LAG, unit).mean(1)


def _names(clips, clip, start):
    return {
        "action": clips.actions[clip["action"]].replace("_", " "),
        "clip_id": clip["clip_id"].decode(),
        "start": int(start),
    }


def _shown(name, caption):
    alt = caption.partition(":")[0]
    return table([f"![{alt}]({name})"], [[caption]])


def main(argv=None):
    """Executes the command line."""
    terminal.quiet_tensorflow()
    args = parse(argv)
    import pose_tf
    from pose_tf.pipeline import example_gen

    args.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        clips = example_gen.load(
            "penn_action", data_dir=folder, manual_dir=args.manual_dir
        )
        page = draw(pose_tf.load(args.model), clips, args.output)
    print(f"Wrote {page}")


if __name__ == "__main__":
    main()
