"""The command `pose-tf`; TensorFlow is imported when a command needs it."""

import pathlib
import sys
from typing import Annotated, Literal

import tyro

from pose_tf import arguments, configs, presets, run_files, terminal, trainers
from pose_tf.cli.learn import learn
from pose_tf.cli.maps import map
from pose_tf.cli.models import classify, embed, generate
from pose_tf.cli.recordings import convert, show
from pose_tf.cli.timeline import timeline
from pose_tf.version import __version__


def build(
    dataset: tyro.conf.Positional[
        Annotated[str, tyro.conf.arg(metavar="DATASET")]
    ],
    data_dir: arguments.OptionalPath = None,
    manual_dir: arguments.OptionalPath = None,
    on_bad_clip: Literal["stop", "quarantine"] = "stop",
    file_format: Literal["tfrecord", "array_record"] = "tfrecord",
):
    """Prepares a dataset for training, and downloads it if need be.

    Args:
        dataset: Dataset to prepare: penn_action, synthetic_actions or
            keypoint_files.
        data_dir: Folder of prepared datasets; by default TFDS's.
        manual_dir: Folder of your annotations, if the dataset reads some.
        on_bad_clip: What to do about a clip that cannot be used: `stop`, or
            `quarantine` it, which lists it with the reason and goes on.
        file_format: Format of the prepared files: `tfrecord` to train on,
            `array_record` for random access.
    """
    arguments.check_folders(data_dir=data_dir)
    from pose_tf.pipeline import build as datasets

    folder = datasets.build(
        dataset,
        data_dir=data_dir,
        manual_dir=manual_dir,
        on_bad_clip=on_bad_clip,
        file_format=file_format,
    )
    print(folder)


def run(
    workdir: pathlib.Path,
    dataset: str = "synthetic_actions",
    preset: str = "default",
    data_dir: arguments.OptionalPath = None,
    manual_dir: arguments.OptionalPath = None,
    on_bad_clip: Literal["stop", "quarantine"] = "stop",
    schema: arguments.OptionalPath = None,
    destination: arguments.OptionalPath = None,
):
    """Runs the whole pipeline, from a dataset to models that beat baselines.

    Skips steps whose inputs and settings are unchanged.

    Args:
        workdir: Folder for everything that is made. A run that was killed
            resumes from it.
        dataset: Dataset to use: penn_action, synthetic_actions or
            keypoint_files.
        preset: Named settings of the trainers: default, demo, original
            or tiny.
        data_dir: Folder of prepared datasets; by default TFDS's.
        manual_dir: Folder of your annotations, if the dataset reads some.
        on_bad_clip: What to do about a clip that cannot be used: `stop`, or
            `quarantine` it, which lists it with the reason and goes on.
        schema: Schema that the clips must follow, a .pbtxt file; by default it
            is inferred from them.
        destination: Folder for the models that beat their baselines; by default
            `saved_models` in the workdir.
    """
    arguments.check_folders(
        workdir=workdir, data_dir=data_dir, destination=destination
    )
    if schema is not None and not schema.is_file():
        raise FileNotFoundError(f"`schema` must be a file. Received: {schema}")
    from pose_tf.runner import run as runner

    runner.run(
        dataset,
        preset,
        workdir,
        data_dir=data_dir,
        manual_dir=manual_dir,
        on_bad_clip=on_bad_clip,
        schema=schema,
        destination=destination,
    )


def evaluate(
    kind: tyro.conf.Positional[
        Literal["vae", "motion_vae", "classifier", "generator"]
    ],
    workdir: pathlib.Path,
    split: Literal["test", "validation"] = "test",
    next_frame: bool = False,
    data_dir: arguments.OptionalPath = None,
    manual_dir: arguments.OptionalPath = None,
):
    """Scores a trained model and its baselines.

    Args:
        kind: Kind of the trained model.
        workdir: Folder that `pose-tf train` wrote.
        split: Clips to score on.
        next_frame: Score the exported generator by the `original` protocol
            instead: the mean absolute error of the next frame, predicted from
            five, of clips that keep every 1st, 2nd or 4th frame.
        data_dir: Folder of prepared datasets; by default TFDS's.
        manual_dir: Folder of your annotations, if the dataset reads some.
    """
    if next_frame and kind != "generator":
        raise ValueError(f"`next_frame` scores a generator. Received: {kind}")
    saved = workdir / run_files.CONFIG
    if not saved.is_file():
        raise FileNotFoundError(
            "`workdir` must be the folder of a trainer's run, with its "
            f"{run_files.CONFIG}. Received: {workdir}"
        )
    config = configs.load(type(presets.get(kind, "default")), saved)
    trainer = trainers.get(kind)(
        config, workdir, data_dir=data_dir, manual_dir=manual_dir
    )
    if next_frame:
        from pose_tf.evaluation import evaluator
        from pose_tf.trainers import report

        part, clips_ds = trainer.clips_of(split)
        print(
            f"Scoring the next frame on {int(clips_ds.cardinality())} {part} "
            f"clips of {config.dataset}",
            flush=True,
        )
        scores = evaluator.score_next_frame(workdir, clips_ds, config)
        print(report.rows(scores))
    else:
        trainer.evaluate(split)


def train(argv):
    """Trains a model of one kind, such as a vae, with settings from flags."""
    kinds = ", ".join(trainers.KINDS)
    if argv[:1] in (["-h"], ["--help"]):
        print(
            f"usage: pose-tf train KIND [OPTIONS]\n\nKIND: {kinds}; "
            "`pose-tf train vae --help` lists the settings of a vae."
        )
    elif argv[:1] and argv[0] in trainers.KINDS:
        trainers.main(argv[0], argv[1:])
    else:
        raise ValueError(
            f"`pose-tf train` must be followed by one of {kinds}. "
            f"Received: {' '.join(argv[:1]) or 'nothing'}"
        )


COMMANDS = (
    build,
    run,
    train,
    evaluate,
    learn,
    embed,
    classify,
    generate,
    timeline,
    map,
    show,
    convert,
)


def _help():
    lines = [
        f"{command.__name__:10} {str(command.__doc__).splitlines()[0]}"
        for command in COMMANDS
    ]
    return (
        "usage: pose-tf COMMAND [OPTIONS]\n\n"
        "Embeds, classifies and continues sequences of human poses.\n\n  "
        + "\n  ".join(lines)
        + "\n\n`pose-tf COMMAND --help` lists the options of a command. With "
        f"{arguments.TRACEBACK_VARIABLE}=1\nan error comes with its traceback."
    )


def main(argv=None):
    """Runs `pose-tf`; returns its exit code.

    Raises:
        SystemExit: With code 2 for users' mistakes, told in one line.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    with arguments.one_line_errors("pose-tf"):
        return _main(argv)


def _main(argv):
    if not argv or argv[0] in ("-h", "--help"):
        print(_help())
        return 0 if argv else arguments.USAGE_ERROR
    if argv[0] == "--version":
        print(__version__)
        return 0
    commands = {command.__name__: command for command in COMMANDS}
    if argv[0] not in commands:
        raise ValueError(
            f"the command must be one of {', '.join(commands)}. "
            f"Received: {argv[0]}"
        )
    terminal.quiet_tensorflow()
    if argv[0] == "train":
        train(argv[1:])
    else:
        prog = f"pose-tf {argv[0]}"
        arguments.parse(commands[argv[0]], argv[1:], prog=prog)
    return 0


if __name__ == "__main__":
    sys.exit(main())
