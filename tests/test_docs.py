"""Every command and Python block of the how-tos in docs/ runs as it stands.

In the order of the page, in one process (`readme_process.py`), in a folder that
holds what the page says is there. Commands are those of blocks, and in tables
what is in backticks and begins with `pose-tf`.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGES = ("own_keypoints",)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
IN_TABLE = re.compile(r"^\|.*`(pose-tf [^`]+)` \|$", re.MULTILINE)
# What a page says that the reader has: two results of MediaPipe's Tasks, which
# are two of Ultralytics, too.
GIVEN = """
from types import SimpleNamespace as Result
marks = [Result(x=n / 40, y=n / 50, visibility=0.9) for n in range(33)]
keypoints = '{"x": %s, "y": %s}' % ([*range(17)], [*range(30, 47)])
results = [
    Result(pose_landmarks=[marks], to_json=lambda: "[]"),
    Result(pose_landmarks=[], to_json=lambda: f'[{{"keypoints": {keypoints}}}]'),
]
"""


OF_RESULTS = re.compile(r"in results\b|\(results\)")


def steps(text):
    """Returns what `readme_process.py` is to run, in the page's order."""
    found = [
        (match.start(), match[1], match[2]) for match in BLOCK.finditer(text)
    ]
    found += [
        (match.start(), "bash", match[1]) for match in IN_TABLE.finditer(text)
    ]
    made = []
    for _, language, code in sorted(found):
        if language == "python":
            given = GIVEN if OF_RESULTS.search(code) else ""
            made.append(["python", given + code])
        elif language == "bash":
            made += [["shell", shlex.split(c)] for c in code.splitlines() if c]
    return made


def test_links_of_how_tos_lead_somewhere():
    for page in PAGES:
        text = (ROOT / "docs" / f"{page}.md").read_text()
        links = re.findall(r"\]\((?!http)([^)#]+)\)", BLOCK.sub("", text))
        assert links
        for link in links:
            assert (ROOT / "docs" / link).exists(), link


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_commands_of_how_tos_run(tmp_path, page):
    (tmp_path / "saved_models").symlink_to(ROOT / "saved_models")
    (tmp_path / "runs").mkdir()
    made = steps((ROOT / "docs" / f"{page}.md").read_text())
    assert len(made) > 10
    (tmp_path / "steps.json").write_text(json.dumps(made))
    process = subprocess.run(
        [
            sys.executable,
            ROOT / "tests/support/readme_process.py",
            "steps.json",
        ],
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "POSE_TF_TRACEBACK": "1"},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr[-4000:]
    for kind, what in made:
        outputs = [word for word in what if word.startswith("--output=")]
        if kind == "shell" and outputs:
            output = outputs[0].removeprefix("--output=")
            assert (tmp_path / output).stat().st_size > 0
    rows = re.findall(r"^person .*% +(\w+)$", process.stdout, re.MULTILINE)
    assert rows[:2] == ["jumping_jacks", "jumping_jacks"]


def test_what_the_snippets_write_is_read(tmp_path, monkeypatch):
    import pose_tf

    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "own_keypoints.md").read_text()
    snippets = [
        code
        for _, code in steps(text)
        if isinstance(code, str) and "results = " in code
    ]
    for snippet in snippets:
        exec(compile(snippet, "own_keypoints.md", "exec"), {})  # noqa: S102
    (one,) = pose_tf.read("landmarks.json", frame_size=(400, 500))
    assert one.poses[0, 3].tolist() == pytest.approx([30, 30])
    (one,) = pose_tf.read("ultralytics.json")
    assert one.start == 1 and one.poses[0, 3].tolist() == [3, 33]
