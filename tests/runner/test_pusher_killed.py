"""A push that is killed at any of its file operations leaves nothing broken."""

import itertools
import multiprocessing
import os
import shutil
import signal
import sys

import pytest

from pose_tf import files
from pose_tf.runner import pusher
from tests.runner import test_pusher

COMPANIONS = test_pusher.COMPANIONS
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
OPERATIONS = (
    "os.chmod",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.utime",
    "shutil.copyfile",
    "shutil.copymode",
    "shutil.copystat",
    "shutil.copytree",
    "shutil.rmtree",
)


def push(number, export, destination):
    """Pushes, and kills itself right before an operation that writes."""
    numbers = itertools.count(1)

    def kill(event, arguments):
        opens = event == "open" and arguments[2] & WRITING
        if (opens or event in OPERATIONS) and next(numbers) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)
    pusher.push(export, "m", destination)


def is_killed(number, export, destination):
    """Whether a push came as far as its operation of that number."""
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=push, args=(number, export, destination))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def companions(folder):
    return {
        name: (folder / name).read_bytes()
        for name in COMPANIONS
        if (folder / name).exists()
    }


def check_whole(folder, exports):
    """Versions are copies of exports; what lies next to them is of one."""
    versions = list(files.versions(folder).values()) if folder.exists() else []
    assert len(versions) <= len(exports)
    known = [companions(version / pusher.EXTRA) for version in versions]
    for version, export in zip(versions, exports):
        assert pusher._digest(version) == files.digest(export)
    assert all(sorted(texts) == COMPANIONS for texts in known)
    for name, text in companions(folder).items():
        assert text in [texts[name] for texts in known]


@pytest.mark.parametrize("num_before", [0, 1, 2])
def test_a_push_killed_anywhere_is_atomic_and_the_next_one_completes_it(
    tmp_path, num_before
):
    """The first, the second version, and one that is there already."""
    exports = []
    for text in ("first", "second"):
        workdir = tmp_path / text
        workdir.mkdir()
        kind = "vae" if text == "first" else "classifier"
        exports.append(test_pusher.write_export(workdir, kind, text=text))
    before = tmp_path / "before"
    before.mkdir()
    for export in exports[:num_before]:
        pusher.push(export, "m", before)
    exports = exports[: num_before + 1]
    expected = [str(n) for n in range(1, len(exports) + 1)]
    for number in itertools.count(1):
        destination = tmp_path / f"killed{number}"
        shutil.copytree(before, destination)
        killed = is_killed(number, exports[-1], destination)
        check_whole(destination / "m", exports)
        pusher.push(exports[-1], "m", destination)
        check_whole(destination / "m", exports)
        names = sorted(path.name for path in (destination / "m").iterdir())
        assert names == [*expected, *COMPANIONS]
        newest = destination / "m" / expected[-1] / pusher.EXTRA
        assert companions(destination / "m") == companions(newest)
        if not killed:
            break
    print(f"Killed at {number - 1} operations")
    assert number > (15 if num_before == 2 else 40)
