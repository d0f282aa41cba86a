"""Runs the embedding study, checks it, or writes its page.

    python -m studies                  executes missing runs, writes the page
    python -m studies --quick          the same with a small plan
    python -m studies check            reruns ten runs from scratch
    python -m studies report           writes the page from results.json

After a kill or a stop, the same command resumes: finished runs are not
repeated. What `results.json` has of other runs stays.
"""

import argparse
import os
import pathlib
import random
import signal
import sys
import tempfile

import studies
from pose_tf import arguments, terminal
from pose_tf.datasets.penn_action import MANUAL_DIR_VARIABLE

PAGE_FOLDER = pathlib.Path("docs/study")
QUICK_FOLDER = pathlib.Path("runs/study-quick")
INTERRUPTED = 130  # What shells expect after Ctrl-C.


def parse(argv=None) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m studies",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=("run", "check", "report"),
        default="run",
        help="what to do (default: run)",
    )
    _add_sizes(parser)
    _add_folders(parser)
    args = parser.parse_args(argv)
    if args.output is None:
        args.output = QUICK_FOLDER if args.quick else PAGE_FOLDER
    return args


def _add_sizes(parser):
    parser.add_argument(
        "--quick", action="store_true", help="use a small plan, only in runs/"
    )
    parser.add_argument(
        "--parts",
        nargs="+",
        choices=list(studies.EXPERIMENTS),
        help="parts to run (default: all)",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        help="stop after this many minutes; the same command resumes later",
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=2,
        help="number of runs at a time, one core each",
    )
    parser.add_argument(
        "--count", type=int, default=10, help="number of runs to check"
    )
    parser.add_argument(
        "--seed",
        type=int,
        help="seed that draws the runs to check (default: random)",
    )


def _add_folders(parser):
    parser.add_argument(
        "--runs",
        type=pathlib.Path,
        default=pathlib.Path("runs/study"),
        help="folder of finished runs",
    )
    parser.add_argument(
        "--output",
        type=pathlib.Path,
        help=f"folder of the page (default: {PAGE_FOLDER}, with --quick "
        f"{QUICK_FOLDER})",
    )
    parser.add_argument(
        "--data_dir", help="folder of prepared datasets (default: TFDS's)"
    )
    parser.add_argument(
        "--manual_dir",
        default=os.environ.get(MANUAL_DIR_VARIABLE),
        help=f"folder with Penn Action's labels/ (default: ${MANUAL_DIR_VARIABLE})",
    )


def run(args) -> int:
    """Executes missing runs, writes results and page; returns an exit code."""
    from studies.embedding.study import STUDY
    from studies.engine import schedule, store
    from studies.page import pictures, report

    plan = _plan(args)
    runs = [
        run
        for run in schedule.runs_of(plan, args.parts)
        if not _left_out(run, schedule.missing_requirements(run))
    ]
    run_store = store.Store(args.runs)
    with run_store.lock():
        outcome = schedule.Schedule(
            runs,
            run_store,
            _options(args),
            jobs=args.jobs,
            minutes=args.minutes,
            log=_log,
        ).execute()
        planned = schedule.runs_of(plan)
        pictures.collect(run_store, planned, args.output)
    path = args.output / report.RESULTS
    records = store.with_earlier(
        run_store.records(planned), path, plan.name, planned
    )
    store.write_results(path, plan.name, records)
    report.write(STUDY, args.output, _readme(args))
    _log(f"{outcome.finished} of {outcome.total} runs are finished.")
    _log(f"Wrote {args.output / report.PAGE}")
    return 1 if outcome.failures else 0


def check(args) -> int:
    """Reruns some runs of results.json; returns 1 if a metric differs."""
    from studies.embedding.study import STUDY
    from studies.engine import checks, schedule, store
    from studies.page import report

    if args.count < 1:
        raise ValueError(f"`count` must be at least 1. Received: {args.count}")
    results = store.read_results(args.output / report.RESULTS)
    planned = schedule.runs_of(STUDY.plans[results["plan"]])
    runs = [run for run in planned if not STUDY.is_outdated(run)]
    if len(runs) < len(planned):
        _log(
            f"Left out {len(planned) - len(runs)} of {len(planned)} runs, "
            "since their data have changed."
        )
    runs = [
        run
        for run in runs
        if not _left_out(run, schedule.missing_requirements(run))
    ]
    seed = random.randrange(10**6) if args.seed is None else args.seed
    _log(f"Drew the runs with --seed={seed}")
    with tempfile.TemporaryDirectory() as folder:
        return checks.rerun(
            results["runs"],
            runs,
            folder,
            _options(args),
            count=args.count,
            seed=seed,
            jobs=args.jobs,
            minutes=args.minutes,
            log=_log,
        )


def report(args) -> int:
    """Writes the page from results.json."""
    from studies.embedding.study import STUDY
    from studies.page.report import write

    page = write(STUDY, args.output, _readme(args))
    _log(f"Wrote {page}")
    return 0


def _readme(args):
    """Returns the path of the README that shows these results, or None."""
    readme = pathlib.Path("README.md")
    return readme if args.output == PAGE_FOLDER and readme.exists() else None


def _plan(args):
    from studies.embedding import plan

    return plan.QUICK if args.quick else plan.FULL


def _options(args):
    """Prepares the dataset; returns keyword arguments of `Context`."""
    from pose_tf.pipeline import build

    options = {"data_dir": args.data_dir, "manual_dir": args.manual_dir}
    build.build("penn_action", download=False, **options)
    return options


def _left_out(run, missing):
    if missing:
        _log(f"Left out, without {', '.join(missing)}: {run}")
    return bool(missing)


def _log(line):
    print(line, flush=True)


def _interrupt(*_):
    raise KeyboardInterrupt


def main(argv=None):
    """Executes the command line and ends the process with its exit code."""
    from studies.engine import workers

    terminal.quiet_tensorflow()
    workers.one_thread()
    signal.signal(signal.SIGTERM, _interrupt)
    args = parse(argv)
    command = {"run": run, "check": check, "report": report}[args.command]
    try:
        with arguments.one_line_errors("python -m studies"):
            code = command(args)
    except KeyboardInterrupt:
        print("Interrupted; the same command resumes.", file=sys.stderr)
        code = INTERRUPTED
    raise SystemExit(code)


if __name__ == "__main__":
    main()
