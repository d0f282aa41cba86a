"""Runs steps of the README in one process; a script.

    python tests/support/readme_process.py STEPS.json

A step is `["shell", argv]`, run as the shell would run `pose-tf` or
`python -m`, or `["python", text]`.
"""

import json
import pathlib
import runpy
import sys

from pose_tf.cli import main as pose_tf_main


def run(kind, what):
    if kind == "python":
        code = compile(what, "README.md", "exec")
        exec(code, {"__name__": "__main__"})  # noqa: S102, our own README.
        return
    try:
        code = run_command(what)
    except SystemExit as exit_:  # As `sys.exit(main())` does in the end.
        code = exit_.code
    if code:
        raise SystemExit(f"`{' '.join(what)}` ended with {code}")


def run_command(what):
    """Runs `pose-tf ...` or `python -m ...`; returns an exit code or None."""
    if what[0] == "pose-tf":
        return pose_tf_main.main(what[1:])
    program, flag, module, *arguments = what
    if (program, flag) != ("python", "-m"):
        raise ValueError(f"Cannot run {what}")
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return None


def main(steps):
    for step in json.loads(pathlib.Path(steps).read_text()):
        print("###", step, flush=True)
        run(*step)


if __name__ == "__main__":
    main(sys.argv[1])
