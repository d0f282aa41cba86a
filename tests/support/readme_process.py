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
    elif what[0] == "pose-tf":
        try:
            code = pose_tf_main.main(what[1:])
        except SystemExit as exit_:
            code = exit_.code
        if code:
            raise SystemExit(f"`{' '.join(what)}` ended with {code}")
    else:
        program, flag, module, *arguments = what
        if (program, flag) != ("python", "-m"):
            raise SystemExit(f"Cannot run {what}")
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)


def main(steps):
    for step in json.loads(pathlib.Path(steps).read_text()):
        print("###", step, flush=True)
        run(*step)


if __name__ == "__main__":
    main(sys.argv[1])
