"""Runs the whole pipeline, from a dataset to pushed models, step by step.

    examples -> statistics -> schema -> validation
             -> vae -> classifier, generator -> evaluation -> saved_models

Each step has a folder in the workdir, with a manifest: unchanged steps are
skipped, and a run that was killed resumes.
"""

import contextlib
import dataclasses
import pathlib
import shlex
import time

import keras

from pose_tf import files, presets, run_files, trainers
from pose_tf.evaluation import evaluator, health_table
from pose_tf.pipeline import (
    build,
    example_gen,
    example_validator,
    schema_gen,
    statistics_gen,
)
from pose_tf.runner import pusher, steps

TRAINED = (run_files.CONFIG, run_files.MODEL, run_files.SAVED_MODEL)


@dataclasses.dataclass(frozen=True)
class Result:
    """Holds the result of a run.

    Attributes:
        evaluations: `evaluator.Evaluation` of each kind of model trained.
        pushed: Folder of the pushed version of each kind that was blessed.

    Example:

    >>> Result(evaluations={}, pushed={}).pushed
    {}
    """

    evaluations: dict[str, evaluator.Evaluation]
    pushed: dict[str, pathlib.Path]


def run(
    dataset,
    preset,
    workdir,
    *,
    data_dir=None,
    manual_dir=None,
    on_bad_clip="stop",
    schema=None,
    destination=None,
    verbose=1,
) -> Result:
    """Runs all steps from a dataset to pushed models; skips unchanged ones.

    Without labels, or with only one action, no classifier is trained.

    Args:
        dataset: Name of a dataset, as for `build.build`.
        preset: Name of a preset, as for `presets.of_all`.
        workdir: Folder of all artifacts.
        data_dir: Folder of prepared datasets; by default TFDS's own.
        manual_dir: Folder of annotations, for datasets made from files.
        on_bad_clip: `stop`, or `quarantine` to leave bad clips out.
        schema: A `schema.pbtxt` that clips must match; by default it is
            inferred from the training clips.
        destination: Folder for blessed models, which are named
            `<dataset>_<kind>`; by default `saved_models` in the workdir.
        verbose: 1 for progress bars, 0 for none.

    Raises:
        ValueError: If the dataset or preset is unknown, or clips are bad.
        FileNotFoundError: If the annotations or the schema are missing.
    """
    workdir = pathlib.Path(workdir)
    planned = presets.of_all(preset)
    path = build.build(
        dataset,
        data_dir=data_dir,
        manual_dir=manual_dir,
        on_bad_clip=on_bad_clip,
        download=False,
    )
    clips = example_gen.read(path)
    examples = _describe(clips, dataset, workdir)
    clips = _validated(clips, examples, schema, on_bad_clip, workdir)
    command = _command(dataset, preset, workdir, on_bad_clip, schema)
    destination = pathlib.Path(destination or workdir / "saved_models")
    evaluations, pushed = {}, {}
    for kind, config in _planned(planned, dataset, clips, workdir).items():
        _train(kind, config, clips, examples, workdir, verbose)
        evaluation = _evaluate(kind, config, clips, examples, workdir)
        evaluations[kind] = evaluation
        if evaluation.blessed:
            pushed[kind] = pusher.push(
                workdir / kind / run_files.SAVED_MODEL,
                f"{build.name_of(dataset)}_{kind}",
                destination,
                evaluation=workdir / f"{kind}_evaluation",
                command=command,
            )
        is_pushed = evaluation.blessed
        outcome = f"pushed to {pushed[kind]}" if is_pushed else "not pushed"
        print(f"{kind} is {outcome}: {' '.join(evaluation.reasons)}")
        if health := evaluation.metrics.get("health"):
            print(health_table.titled(health))
    return Result(evaluations, pushed)


def _command(dataset, preset, workdir, on_bad_clip, schema):
    """Returns the command that repeats a run, with a blank `--manual_dir`."""
    flags = {"dataset": dataset, "preset": preset, "workdir": workdir}
    if on_bad_clip != "stop":
        flags["on_bad_clip"] = on_bad_clip
    if schema is not None:
        flags["schema"] = schema
    parts = [f"--{k}={shlex.quote(str(v))}" for k, v in flags.items()]
    if build.reads_annotations(dataset):
        parts.append("--manual_dir=...")
    return f"pose-tf run {' '.join(parts)}"


def _planned(presets, dataset, clips, workdir):
    """Returns the config of each kind that is to be trained.

    What can be known of all of them is checked before the first is trained.
    """
    planned = {}
    for kind, config in presets.items():
        if kind == "classifier" and len(clips.actions) < 2:
            print(
                "classifier: skipped, since it needs clips of at least 2 "
                f"actions. Received: only {', '.join(clips.actions)}"
            )
            continue
        planned[kind] = _adapted(config, dataset, clips, workdir)
        trainer = trainers.get(kind)(planned[kind], workdir / kind, clips=clips)
        trainer.check("validation", "test")
    return planned


def _adapted(config, dataset, clips, workdir):
    """Returns a preset's config with this dataset and this run's VAE."""
    changes = {"dataset": dataset, "skeleton": clips.skeleton.name}
    if _embeds(config):
        changes["vae"] = str(workdir / "vae")
    return dataclasses.replace(config, **changes)


def _embeds(config):
    return getattr(config, "inputs", "") == "embedding"


def _inputs(examples, workdir):
    """Returns the files that decide which clips are used."""
    quarantine = example_validator.QUARANTINE_FILE
    return {
        "examples": examples,
        "quarantine": workdir / "validation" / quarantine,
    }


def _describe(clips, dataset, workdir):
    """Writes the digest of the clips, an input of all steps."""
    file = workdir / "examples" / "examples.json"
    described = {"dataset": dataset, "digest": clips.digest}
    files.write_json(file, described)
    return file


def _validated(clips, examples, schema, on_bad_clip, workdir):
    """Runs statistics, schema and validation; returns the clips to use."""
    statistics = workdir / "statistics" / "statistics.pb"
    with _step("statistics") as step:
        step(
            statistics.parent,
            lambda folder: statistics_gen.save(
                statistics_gen.generate(clips), statistics
            ),
            inputs={"examples": examples},
            outputs=[statistics.name],
        )
    inferred = workdir / "schema" / "schema.pbtxt"
    if schema is None:
        with _step("schema") as step:
            step(
                inferred.parent,
                lambda folder: schema_gen.save(
                    schema_gen.infer(statistics_gen.load(statistics)), inferred
                ),
                inputs={"statistics": statistics},
                outputs=[inferred.name],
            )
    schema = pathlib.Path(schema or inferred)

    def validate(folder):
        report = example_validator.validate(clips, schema_gen.load(schema))
        example_validator.save(report, folder)

    with _step("validation") as step:
        step(
            workdir / "validation",
            validate,
            inputs={"examples": examples, "schema": schema},
            outputs=[
                example_validator.ANOMALIES_FILE,
                example_validator.QUARANTINE_FILE,
            ],
        )
    report = example_validator.load(workdir / "validation")
    return example_validator.handle(clips, report, on_bad_clip)


def _train(kind, config, clips, examples, workdir, verbose):
    inputs = _inputs(examples, workdir)
    if _embeds(config):
        inputs["vae"] = workdir / "vae" / run_files.MODEL

    def train(folder):
        trainer = trainers.get(kind)(
            config, folder, clips=clips, verbose=verbose
        )
        trainer.fit()
        # Not evaluated: the evaluator scores the export.
        trainer.export()
        keras.backend.clear_session()

    with _step(kind) as step:
        step(
            workdir / kind,
            train,
            inputs=inputs,
            config=dataclasses.asdict(config),
            outputs=TRAINED,
        )


def _evaluate(kind, config, clips, examples, workdir):
    export = workdir / kind / run_files.SAVED_MODEL
    inputs = {**_inputs(examples, workdir), "export": export}
    folder = workdir / f"{kind}_evaluation"
    with _step(f"{kind} evaluation") as step:
        step(
            folder,
            lambda folder: evaluator.evaluate(
                trainers.get(kind).rule, export, clips, config
            ).save(folder),
            inputs=inputs,
            config=dataclasses.asdict(config),
            outputs=[run_files.METRICS],
        )
    return evaluator.load(folder)


@contextlib.contextmanager
def _step(name):
    """Yields `steps.run_step`; prints whether the step ran or was skipped."""
    start, ran = time.monotonic(), []
    yield lambda *args, **kwargs: ran.append(steps.run_step(*args, **kwargs))
    seconds = time.monotonic() - start
    print(f"{name}: {f'{seconds:.1f} s' if any(ran) else 'unchanged, skipped'}")
