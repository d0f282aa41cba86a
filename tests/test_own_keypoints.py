"""Every command and Python block of docs/own_keypoints.md runs as it stands.

In the order of the page, in one process. Commands are those of blocks, and in
tables what is in backticks and begins with `pose-tf`.
"""

import re

import pytest

from tests.support import documents

TEXT = (documents.ROOT / "docs" / "own_keypoints.md").read_text()
# What the page says that the reader has: two results of MediaPipe's Tasks, which
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


def steps():
    """Returns what `readme_process.py` is to run, in the page's order."""
    return [
        [kind, GIVEN + what if OF_RESULTS.search(str(what)) else what]
        for kind, what in documents.steps(TEXT)
    ]


@pytest.mark.slow
def test_its_commands_run(tmp_path, monkeypatch, capsys):
    (tmp_path / "saved_models").symlink_to(documents.ROOT / "saved_models")
    (tmp_path / "runs").mkdir()
    made = steps()
    assert len(made) > 20
    documents.run_here(made, tmp_path, monkeypatch)
    printed = capsys.readouterr().out
    for kind, what in made:
        outputs = [word for word in what if word.startswith("--output=")]
        if kind == "shell" and outputs:
            output = outputs[0].removeprefix("--output=")
            assert (tmp_path / output).stat().st_size > 0
    rows = re.findall(r"^person .*% .*\b(\w+)$", printed, re.MULTILINE)
    assert rows == ["jumping_jacks"] * 4


def test_what_the_snippets_write_is_read(tmp_path, monkeypatch):
    import pose_tf

    monkeypatch.chdir(tmp_path)
    snippets = [code for _, code in steps() if GIVEN in code]
    assert len(snippets) == 2
    for snippet in snippets:
        exec(compile(snippet, "own_keypoints.md", "exec"), {})  # noqa: S102
    (one,) = pose_tf.read("landmarks.json", frame_size=(400, 500))
    assert one.poses[0, 3].tolist() == pytest.approx([30, 30])
    (one,) = pose_tf.read("ultralytics.json")
    assert one.start == 1 and one.poses[0, 3].tolist() == [3, 33]
