"""Compares a SavedModel with its baseline on the same clips, and blesses it.

`blessing.py` says what they are. Baselines are fitted to the training clips of
the model's own split protocol. Test clips are scored, or validation clips if
the dataset has no test split. `score_next_frame` blesses nothing; it only
reproduces the metric of the original work.
"""

import dataclasses
import json
import pathlib
from collections.abc import Callable

import numpy as np

from pose_tf import files, run_files
from pose_tf.evaluation import blessing, few_labels, generation, next_frame
from pose_tf.pipeline import example_gen, windows
from pose_tf.pose import skeletons
from pose_tf.serving import loaded

BLESSED, NOT_BLESSED = "BLESSED", "NOT_BLESSED"


@dataclasses.dataclass(frozen=True)
class Rule:
    """States how a kind of model is scored and blessed.

    Attributes:
        kind: Name of the kind.
        wrapper: Class of its loaded SavedModels.
        functions: Function of `(model, config)` that returns the functions of a
            loaded SavedModel that `compare` takes first.
        compare: Function of `(*functions, train_ds, scored_ds, config)` that
            returns scores, scores of the baselines, and conditions: pairs of
            whether one holds and a sentence. See `blessing`.

    Example:

    >>> VAE.kind, VAE.compare.__name__
    ('vae', 'evaluate_vae')
    """

    kind: str
    wrapper: type
    functions: Callable
    compare: Callable


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Holds the result of `evaluate`.

    Attributes:
        kind: `vae`, `motion_vae`, `classifier` or `generator`.
        blessed: Whether the candidate beat its baseline.
        reasons: Sentences that say why, or why not.
        metrics: Scores of the candidate.
        baseline: Scores of the baselines.
        dataset: Name of the dataset.
        split_protocol: Split protocol of training.
        split: Name of the split that was scored.
        candidate: Digest of the SavedModel.

    Example:

    >>> import tempfile
    >>> evaluation = Evaluation(
    ...     kind="vae",
    ...     blessed=True,
    ...     reasons=("MPJPE is 0.02, that of PCA is 0.03.",),
    ...     metrics={"mpjpe": 0.02},
    ...     baseline={"pca_mpjpe": 0.03},
    ...     dataset="penn_action",
    ...     split_protocol="official",
    ...     split="test",
    ...     candidate="5d41402a",
    ... )
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     evaluation.save(folder)
    ...     load(folder) == evaluation
    True
    """

    kind: str
    blessed: bool
    reasons: tuple[str, ...]
    metrics: dict
    baseline: dict
    dataset: str
    split_protocol: str
    split: str
    candidate: str

    def save(self, folder):
        """Writes `metrics.json`, then `BLESSED` or `NOT_BLESSED`."""
        folder = pathlib.Path(folder)
        for name in (BLESSED, NOT_BLESSED):
            (folder / name).unlink(missing_ok=True)
        values = files.plain(dataclasses.asdict(self))
        files.write_json(folder / run_files.METRICS, values)
        with files.writing(folder / _mark(self.blessed)) as aside:
            aside.write_text("".join(f"{reason}\n" for reason in self.reasons))


def load(folder) -> Evaluation:
    """Loads what `Evaluation.save` wrote.

    Raises:
        FileNotFoundError: If `folder` holds no finished evaluation.
    """
    folder = pathlib.Path(folder)
    if (folder / run_files.METRICS).is_file():
        values = json.loads((folder / run_files.METRICS).read_text())
        evaluation = Evaluation(
            **{**values, "reasons": tuple(values["reasons"])}
        )
        if (folder / _mark(evaluation.blessed)).is_file():
            return evaluation
    raise FileNotFoundError(
        f"`folder` must hold {run_files.METRICS} and {BLESSED} or {NOT_BLESSED}. "
        f"Received: {folder}"
    )


def evaluate(rule, candidate, clips, config) -> Evaluation:
    """Compares a SavedModel with its baseline.

    Args:
        rule: The `Rule` of its kind, such as `VAE` or `CLASSIFIER`.
        candidate: Folder of the SavedModel.
        clips: `example_gen.Clips`.
        config: Config of the trainer that made the candidate.

    Raises:
        ValueError: If the SavedModel is of another kind or skeleton, or there
            are no clips to score.
        FileNotFoundError: If there is no SavedModel.
    """
    model = _load_candidate(rule, candidate, clips.skeleton)
    train = example_gen.split(clips, config.split_protocol)["train"]
    split, scored = example_gen.held_out(clips, config.split_protocol)
    functions = rule.functions(model, config)
    scores, baseline, reasons = rule.compare(*functions, train, scored, config)
    failures = [reason for passed, reason in reasons if not passed]
    return Evaluation(
        kind=rule.kind,
        blessed=not failures,
        reasons=tuple(failures or [reason for _, reason in reasons]),
        metrics=files.plain(scores),
        baseline=files.plain(baseline),
        dataset=config.dataset,
        split_protocol=config.split_protocol,
        split=split,
        candidate=files.digest(model.path),
    )


def score_next_frame(candidate, clips_ds, config) -> dict:
    """Scores a generator's next frame by the `original` protocol.

    Args:
        candidate: Folder of the SavedModel.
        clips_ds: Dataset of clips.
        config: Config of the trainer that made the candidate.

    Returns:
        Dict of lists with one score per skip, see
        `next_frame.evaluate_next_frame`: those of the candidate and, as
        `zero_velocity_...`, those of the last frame repeated.

    Raises:
        ValueError: If the SavedModel is of another kind or skeleton, or no clip
            is long enough.
        FileNotFoundError: If there is no SavedModel.
    """
    skeleton = skeletons.get(config.skeleton)
    model = _load_candidate(GENERATOR, candidate, skeleton)

    def predict(poses, visibility):
        poses, visibility = _with_somebody(poses, visibility)
        future = model.generate(poses, visibility, horizon=1, temperature=0.0)
        return future["poses"][:, 0], future["visibility"][:, 0]

    scores: dict[str, list] = {"skips": list(next_frame.SKIPS)}
    for skip in next_frame.SKIPS:
        batches = windows.window_batches(
            clips_ds,
            length=next_frame.PREFIX * skip + 1,
            stride=skip,
            batch_size=generation.WINDOWS_PER_BATCH,
            skeleton=skeleton,
            frame_normalized=config.normalization == "frame",
        )
        row = next_frame.evaluate_next_frame(predict, batches, skip, unit=None)
        still = next_frame.evaluate_next_frame(
            _repeat, batches, skip, unit=None
        )
        for name in ("mae", "visible_mae"):
            row[f"zero_velocity_{name}"] = still[name]
        for name, value in row.items():
            scores.setdefault(name, []).append(value)
    return scores


def _repeat(poses, visibility):
    """Repeats the last pose and its visibility."""
    return poses[:, -1:], visibility[:, -1:]


def _load_candidate(rule, candidate, skeleton):
    """Loads a SavedModel that must be of a rule's kind and for a skeleton."""
    model = loaded.load(candidate, skeleton=skeleton)
    if type(model) is not rule.wrapper:
        raise ValueError(
            f"`candidate` must be the SavedModel of a {rule.kind}. Received: "
            f"{candidate}, a {type(model).__name__}"
        )
    return model


def _with_somebody(poses, visibility):
    """Puts a body at (0, 0) into clips in which nobody is visible.

    Loaded models refuse such clips, but all clips of a split are scored.
    """
    poses, visibility = np.asarray(poses), np.asarray(visibility)
    nobody = ~visibility.any((1, 2))[:, None, None]
    return (
        np.where(nobody[..., None], np.float32(0), poses),
        visibility | nobody,
    )


def _vae_functions(model, config):
    del config

    def reconstruct(poses, visibility):
        return model.reconstruct(*_with_somebody(poses, visibility))["poses"]

    def embed(poses, visibility):
        return model.embed_clip(*_with_somebody(poses, visibility))["mean"]

    return reconstruct, embed


def _motion_vae_functions(model, config):
    del config

    def embed_motion(poses, visibility, num_frames):
        return model.embed_motion(
            *_with_somebody(poses, visibility), np.asarray(num_frames)
        )

    return (embed_motion,)


def _classifier_functions(model, config):
    del config

    def classify(poses, visibility, num_frames):
        return model.classify(*_with_somebody(poses, visibility), num_frames)

    return (classify,)


def _generator_functions(model, config):
    def predict(poses, visibility):
        return model.generate(
            *_with_somebody(poses, visibility),
            horizon=config.horizon,
            num_samples=1,
            temperature=0.0,
        )["poses"][:, 0]

    def sample(poses, visibility, horizon, num_samples, temperature):
        return model.generate(
            *_with_somebody(poses, visibility),
            horizon=horizon,
            num_samples=num_samples,
            temperature=temperature,
        )["poses"]

    return predict, sample


VAE = Rule("vae", loaded.LoadedVAE, _vae_functions, blessing.evaluate_vae)
MOTION_VAE = Rule(
    "motion_vae",
    loaded.LoadedMotionVAE,
    _motion_vae_functions,
    few_labels.evaluate_motion_vae,
)
CLASSIFIER = Rule(
    "classifier",
    loaded.LoadedClassifier,
    _classifier_functions,
    blessing.evaluate_classifier,
)
GENERATOR = Rule(
    "generator",
    loaded.LoadedGenerator,
    _generator_functions,
    generation.evaluate_generator,
)


def _mark(blessed):
    return BLESSED if blessed else NOT_BLESSED
