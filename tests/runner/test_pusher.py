"""Pushed models: versions, cards, and no halves of them."""

import dataclasses
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap

import pytest

from pose_tf import configs, files, presets
from pose_tf.evaluation import evaluator
from pose_tf.runner import pusher

COMPANIONS = ["config.json", "metrics.json", "model_card.md"]


def write_export(workdir, kind="classifier", text="weights", blessed=True):
    """A run's folder with an export of made-up contents, and its evaluation."""
    export = workdir / "saved_model"
    shutil.rmtree(export, ignore_errors=True)
    (export / "variables").mkdir(parents=True)
    (export / "saved_model.pb").write_bytes(b"graph")
    (export / "variables" / "variables.data").write_text(text)
    configs.save(presets.get(kind, "tiny"), workdir / "config.json")
    pck = {"pck": [99.0, 80.5], "mean_pck": 89.75, "num_windows": 7}
    moved = {
        "lag_energy": [0.5, 0.75],
        "jitter": None,  # As JSON holds NaN.
        "frozen": 10.0,
        "limb_change": 20.0,
        "out_of_frame": 0.0,
        "num_windows": 7,
    }
    metrics, baseline = {
        "vae": (
            {"mpjpe": 0.05, "latent_dim": 4},
            {"pca_mpjpe": 0.07, "pca_num_components": 4},
        ),
        "motion_vae": (
            {
                "top1_with_1_per_action": 73.5,
                "worst_with_1_per_action": 70.1,
                "top1_with_5_per_action": 93.7,
                "worst_with_5_per_action": 89.9,
                "latent_dim": 64,
            },
            {
                "pca_top1_with_1_per_action": 70.4,
                "pca_worst_with_1_per_action": 65.7,
                "pca_top1_with_5_per_action": 89.1,
                "pca_worst_with_5_per_action": 83.4,
            },
        ),
        "classifier": (
            {"top1": 96.5, "macro_f1": 95.25, "num_clips": 1068},
            {"nearest_neighbor_top1": 80.0},
        ),
        "generator": (
            {**pck, "health": {"real": moved, "samples": moved}},
            {"zero_velocity": {**pck, "mean_pck": 57.0}},
        ),
    }[kind]
    evaluation = evaluator.Evaluation(
        kind=kind,
        blessed=blessed,
        reasons=("The reason.",),
        metrics=metrics,
        baseline=baseline,
        dataset="penn_action",
        split_protocol="validation",
        split="test",
        candidate=files.digest(export),
    )
    (workdir / "evaluation").mkdir(exist_ok=True)
    evaluation.save(workdir / "evaluation")
    return export


@pytest.fixture
def workdir(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


@pytest.fixture
def destination(tmp_path):
    return tmp_path / "saved_models"


class TestVersions:
    def test_first(self, workdir, destination):
        export = write_export(workdir)
        version = pusher.push(export, "classifier", destination)
        assert version == destination / "classifier" / "1"
        assert (version / "saved_model.pb").read_bytes() == b"graph"
        assert (
            version / "variables" / "variables.data"
        ).read_text() == "weights"
        names = sorted(p.name for p in (destination / "classifier").iterdir())
        assert names == ["1", *COMPANIONS]
        config = json.loads(
            (destination / "classifier" / "config.json").read_text()
        )
        assert config["units"] == 16
        metrics = json.loads(
            (destination / "classifier" / "metrics.json").read_text()
        )
        assert metrics["top1"] == 96.5
        assert metrics["baseline"] == {"nearest_neighbor_top1": 80.0}

    def test_the_next_push_does_not_change_older_versions(
        self, workdir, destination
    ):
        pusher.push(write_export(workdir), "classifier", destination)
        (destination / "classifier" / "10").mkdir()  # Nine before ten.
        before = files.digest(destination / "classifier" / "1")
        export = write_export(workdir, text="better weights")
        version = pusher.push(export, "classifier", destination)
        assert version.name == "11"
        assert files.digest(destination / "classifier" / "1") == before

    def test_the_same_is_not_pushed_twice(self, workdir, destination):
        export = write_export(workdir)
        for _ in range(2):
            assert pusher.push(export, "m", destination).name == "1"
        assert not (destination / "m" / "2").exists()

    def test_a_version_that_appears_during_a_push_is_not_replaced(
        self, workdir, destination, monkeypatch
    ):
        export = write_export(workdir)
        copytree = shutil.copytree

        def slow(*args, **kwargs):
            copytree(*args, **kwargs)
            taken = destination / "m" / "1"
            taken.mkdir(exist_ok=True)
            (taken / "saved_model.pb").write_text("another's")

        monkeypatch.setattr(shutil, "copytree", slow)
        assert pusher.push(export, "m", destination).name == "2"
        taken = destination / "m" / "1" / "saved_model.pb"
        assert taken.read_text() == "another's"

    @pytest.mark.parametrize("name", ["²", "٣", "007", "1.5", "-1", "notes"])
    def test_other_names_next_to_the_versions_are_not_touched(
        self, workdir, destination, name
    ):
        (destination / "m" / name).mkdir(parents=True)
        export = write_export(workdir)
        assert pusher.push(export, "m", destination).name == "1"
        assert (destination / "m" / name).is_dir()

    def test_a_file_named_as_a_version_takes_its_number(
        self, workdir, destination
    ):
        (destination / "m").mkdir(parents=True)
        (destination / "m" / "3").write_text("mine")
        export = write_export(workdir)
        assert pusher.push(export, "m", destination).name == "4"


def push_at_once(barrier, failures, export, destination, num_races):
    """Pushes an export into a new name per race, together with others."""
    for race in range(num_races):
        barrier.wait()
        try:
            pusher.push(export, f"m{race}", destination)
        except (OSError, ValueError) as error:
            failures.put(repr(error))


def test_pushes_at_once_into_one_name_are_all_whole(tmp_path):
    num_processes, num_races = 4, 25
    exports = []
    for number in range(num_processes):
        workdir = tmp_path / f"run{number}"
        workdir.mkdir()
        exports.append(write_export(workdir, text=f"weights {number}" * 1000))
        for file in range(20):
            path = exports[-1] / "variables" / f"more{file}"
            path.write_text("x" * file * 1000)
        evaluation = evaluator.load(workdir / "evaluation")
        dataclasses.replace(
            evaluation, candidate=files.digest(exports[-1])
        ).save(workdir / "evaluation")
    destination = tmp_path / "saved_models"
    for race in range(num_races):  # What earlier, killed pushes left.
        left = destination / f"m{race}" / ".1.0123abcd.aside"
        (left / "variables").mkdir(parents=True)
    fork = multiprocessing.get_context("fork")
    barrier, failures = fork.Barrier(num_processes), fork.Queue()
    processes = [
        fork.Process(
            target=push_at_once,
            args=(barrier, failures, export, destination, num_races),
        )
        for export in exports
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=60)
    assert [process.exitcode for process in processes] == [0] * num_processes
    assert failures.empty(), failures.get()
    expected = sorted(files.digest(export) for export in exports)
    for race in range(num_races):
        folder = destination / f"m{race}"
        names = sorted(path.name for path in folder.iterdir())
        assert names == ["1", "2", "3", "4", *COMPANIONS]
        digests = [
            files.digest(folder / str(n), leave_out=pusher.EXTRA)
            for n in range(1, num_processes + 1)
        ]
        assert sorted(digests) == expected
        # The companions are those of the newest, all of them.
        for companion in COMPANIONS:
            newest = folder / "4" / pusher.EXTRA / companion
            assert (folder / companion).read_bytes() == newest.read_bytes()


def test_a_push_waits_for_one_that_is_copying(workdir, destination):
    export = write_export(workdir)
    (destination / "m").mkdir(parents=True)
    copying = destination / "m" / ".1.0123abcd.aside"
    copying.mkdir()
    fork = multiprocessing.get_context("fork")
    process = fork.Process(target=pusher.push, args=(export, "m", destination))
    with files.locked(destination / "m"):
        process.start()
        process.join(timeout=1)
        assert process.is_alive() and copying.exists()
    process.join(timeout=30)
    assert process.exitcode == 0 and not copying.exists()


class TestCard:
    @pytest.mark.parametrize(
        ("kind", "expected"),
        [
            (
                "vae",
                [
                    "| this, 4 dimensions | 0.0500 |",
                    "| PCA, 4 dimensions | 0.0700 |",
                ],
            ),
            (
                "motion_vae",
                [
                    "| clips labelled per action | 1 | 5 |",
                    "| this, 64 dimensions | 73.5 (70.1) | 93.7 (89.9) |",
                    "| PCA, 64 dimensions | 70.4 (65.7) | 89.1 (83.4) |",
                ],
            ),
            (
                "classifier",
                [
                    "| this | 96.50 | 95.25 |",
                    "| nearest training clip | 80.00 |  |",
                ],
            ),
            (
                "generator",
                [
                    "| PCK at horizon | 1 | 2 | mean of 2 |",
                    "| this | 99.0 | 80.5 | 89.8 |",
                    "| zero velocity | 99.0 | 80.5 | 57.0 |",
                    "| samples | 0.75        |        | 10.0      | 20.0     |",
                ],
            ),
        ],
    )
    def test_states_everything_known(
        self, workdir, destination, kind, expected
    ):
        pusher.push(write_export(workdir, kind), "m", destination)
        card = (destination / "m" / "model_card.md").read_text()
        for line in expected:
            assert line in card
        assert "`penn_action`, split protocol `validation`" in card
        assert "left_shoulder" in card
        assert f"python -m pose_tf.trainers.{kind} --workdir=" in card
        assert "--num_epochs=2" in card  # Differs from the default.
        assert "--learning_rate" not in card  # Does not.
        assert "names no licence" in card

    def test_command_of_a_whole_run(self, workdir, destination):
        pusher.push(
            write_export(workdir), "m", destination, command="pose-tf run x"
        )
        assert (
            "```\npose-tf run x\n```"
            in (destination / "m" / "model_card.md").read_text()
        )


class TestRefused:
    def test_not_blessed(self, workdir, destination):
        export = write_export(workdir, blessed=False)
        with pytest.raises(ValueError, match=r"blessed.*The reason\."):
            pusher.push(export, "m", destination)
        assert not destination.exists()

    def test_blessing_of_another_export(self, workdir, destination):
        export = write_export(workdir)
        (export / "variables" / "variables.data").write_text("swapped")
        with pytest.raises(ValueError, match="`evaluation`.*another"):
            pusher.push(export, "m", destination)
        assert not destination.exists()

    @pytest.mark.parametrize("name", ["", "..", "a/b", "/tmp"])
    def test_bad_names(self, workdir, destination, name):
        with pytest.raises(ValueError, match="`name`.*Received"):
            pusher.push(write_export(workdir), name, destination)

    def test_no_export(self, workdir, destination):
        with pytest.raises(FileNotFoundError, match="`export`.*saved_model"):
            pusher.push(workdir / "saved_model", "m", destination)

    def test_no_evaluation(self, workdir, destination):
        export = write_export(workdir)
        shutil.rmtree(workdir / "evaluation")
        with pytest.raises(FileNotFoundError, match="evaluation"):
            pusher.push(export, "m", destination)


KILLED = """
    import os, shutil, signal, sys
    from pose_tf.runner import pusher

    def half(source, target):
        os.makedirs(target)
        shutil.copy(os.path.join(source, "saved_model.pb"), target)
        os.kill(os.getpid(), signal.SIGKILL)

    shutil.copytree = half
    pusher.push(sys.argv[1], "m", sys.argv[2])
"""


def run_push(script, *args, **kwargs):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, args)],
        check=False,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([os.getcwd(), *sys.path]),
        },
        **kwargs,
    )


def test_a_kill_leaves_no_partial_version(workdir, destination):
    export = write_export(workdir)
    killed = run_push(KILLED, export, destination)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert files.versions(destination / "m") == {}
    assert pusher.push(export, "m", destination).name == "1"
    names = sorted(p.name for p in (destination / "m").iterdir())
    assert names == ["1", *COMPANIONS]  # Nor what the kill left.


FULL = """
    import sys
    from pose_tf.runner import pusher

    try:
        pusher.push(sys.argv[1], "m", sys.argv[2])
    except OSError as error:
        print("OSError", error.errno)
"""


def test_a_full_disk_leaves_no_partial_version(workdir, destination):
    export = write_export(workdir, text="w" * 100_000)

    def limit():
        # No file may grow beyond this: writing fails as on a full disk.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    full = run_push(FULL, export, destination, preexec_fn=limit)
    assert full.stdout.startswith("OSError"), full
    assert list((destination / "m").iterdir()) == []
    assert pusher.push(export, "m", destination).name == "1"


def test_interrupted_before_the_card_is_completed_by_the_next(
    workdir, destination, monkeypatch
):
    export = write_export(workdir)
    with monkeypatch.context() as patched:

        def stop(path, replace=True):
            raise KeyboardInterrupt

        patched.setattr(files, "writing", stop)
        with pytest.raises(KeyboardInterrupt):
            pusher.push(export, "m", destination)
    assert pusher.push(export, "m", destination).name == "1"
    names = sorted(p.name for p in (destination / "m").iterdir())
    assert names == ["1", *COMPANIONS]
