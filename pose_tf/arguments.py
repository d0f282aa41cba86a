"""Parses command lines of trainers, and prints errors as one line.

    python -m pose_tf.trainers.vae --workdir=runs/vae --latent_dim=16

Flags are the fields of the trainer's config, with underscores or dashes; their
defaults are those of `--preset`.
"""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import sys
import warnings
from typing import Annotated, Any, Generic, TypeVar

import tyro

from pose_tf import presets, terminal

TRACEBACK_VARIABLE = (
    "POSE_TF_TRACEBACK"  # If set, errors show where they arise.
)
USAGE_ERROR = 2  # The exit code of a mistake on the command line.
INTERRUPTED = 130  # That of Ctrl-C.

Config = TypeVar("Config")
# An optional path, whose help does not end in "(default: None)".
OptionalPath = Annotated[
    pathlib.Path | None, tyro.conf.arg(metavar="PATH", help_behavior_hint="")
]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """Where to find the data, and which settings to start from.

    Attributes:
        preset: Named settings that the other options change: default, demo,
            original or tiny; for a classifier also causal and frames, for a
            generator tprnn.
        data_dir: Folder of prepared datasets; by default TFDS's.
        manual_dir: Folder of your annotations, if the dataset reads some.
        verbose: Whether to show progress bars: 1 or 0.

    Example:

    >>> Options(preset="tiny").verbose
    1
    """

    preset: str = "default"
    data_dir: OptionalPath = None
    manual_dir: OptionalPath = None
    verbose: int = 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainerArguments(Generic[Config]):
    """Holds what the command line of a trainer gives.

    Attributes:
        workdir: Folder for `config.json`, `checkpoints/`, `logs/` and
            `saved_model/`. A training that was killed resumes from it.
        run: Where to find the data, and which settings to start from.
        training: Settings of the model and of its training.

    Example:

    >>> TrainerArguments(
    ...     workdir=pathlib.Path("runs/vae"),
    ...     run=Options(),
    ...     training=presets.get("vae", "tiny"),
    ... ).run.preset
    'default'
    """

    workdir: pathlib.Path
    run: tyro.conf.OmitArgPrefixes[Options]
    training: tyro.conf.OmitArgPrefixes[Config]


def parse(command, argv=None, **kwargs) -> Any:
    """Parses a command line by tyro, with the settings of all our commands.

    Args:
        command: Function or dataclass, as `tyro.cli` takes it.
        argv: Arguments; those of this process if None.
        **kwargs: Other arguments of `tyro.cli`.
    """
    return tyro.cli(command, args=argv, use_underscores=True, **kwargs)


def parse_trainer(kind, argv=None):
    """Parses the command line of a trainer.

    Args:
        kind: `vae`, `classifier` or `generator`.
        argv: Arguments; those of this process if None.

    Returns:
        `(config, workdir, options)`.

    Raises:
        ValueError: If the kind or preset is unknown.
        SystemExit: With code 2 after other mistakes, which stderr describes.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    finder = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    finder.add_argument("--preset", default=Options.preset)
    config = presets.get(kind, finder.parse_known_args(argv)[0].preset)
    command: Any = TrainerArguments
    arguments = parse(
        command[type(config)],
        argv,
        prog=f"pose-tf train {kind}",
        description=f"Trains a {kind}, scores it and exports a SavedModel.",
        default=TrainerArguments(
            workdir=tyro.MISSING, run=Options(), training=config
        ),
    )
    return arguments.training, arguments.workdir, arguments.run


def check_folders(**folders) -> None:
    """Checks that paths are folders, or can be made, before any work is done.

    Args:
        **folders: A `pathlib.Path` or None per argument, by its name.

    Raises:
        ValueError: If one of them is a file, or inside one.
    """
    for name, path in folders.items():
        if path is None:
            continue
        nearest = next(p for p in (path, *path.parents) if p.exists())
        if not nearest.is_dir():
            raise ValueError(
                f"`{name}` must be a folder. Received: {path}, and {nearest} is "
                "a file"
            )


@contextlib.contextmanager
def one_line_errors(prog):
    """Turns users' mistakes into one line on stderr and exit code 2.

    Raises:
        SystemExit: With code 2 after a `ValueError` or `OSError`, which pass
            unchanged if the variable `POSE_TF_TRACEBACK` is set. With code 1
            if the reader of stdout has closed it, and with 130, as shells
            expect, after Ctrl-C.
    """
    try:
        with _one_line_warnings(prog):
            yield
        sys.stdout.flush()
    except BrokenPipeError:  # As in `pose-tf --help | head -1`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        print(f"\n{prog}: interrupted", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
    except (ValueError, OSError) as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        message = " ".join(str(error).split())
        print(f"{prog}: error: {message}", file=sys.stderr)
        raise SystemExit(USAGE_ERROR) from error


@contextlib.contextmanager
def _one_line_warnings(prog):
    """Prints our warnings as one line on stderr, without the line of code.

    Ours are `UserWarning`s; those of libraries are of subclasses.
    """

    def show(message, category, filename, lineno, file=None, line=None):
        if category is UserWarning:
            text = " ".join(str(message).split())
            print(f"{prog}: warning: {text}", file=sys.stderr)
        else:
            shown_otherwise(message, category, filename, lineno, file, line)

    with warnings.catch_warnings():
        shown_otherwise = warnings.showwarning
        warnings.showwarning = show
        yield


def run_trainer(kind, trainer_class, argv=None):
    """Fits, evaluates and exports by the command line of a trainer.

    Args:
        kind: `vae`, `classifier` or `generator`.
        trainer_class: Function that returns the trainer's class, which takes
            `(config, workdir, data_dir=, manual_dir=, verbose=)`. Called when
            the flags have been parsed: it may import TensorFlow.
        argv: Arguments; those of this process if None.

    Returns:
        The trainer.
    """
    terminal.quiet_tensorflow()
    with one_line_errors(f"pose-tf train {kind}"):
        config, workdir, options = parse_trainer(kind, argv)
        check_folders(workdir=workdir, data_dir=options.data_dir)
        trainer = trainer_class()(
            config,
            workdir,
            data_dir=options.data_dir,
            manual_dir=options.manual_dir,
            verbose=options.verbose,
        )
        trainer.fit()
        trainer.evaluate()
        print(f"Exported to {trainer.export()}")
    return trainer
