"""Tests of the folder of finished runs."""

import pytest

from studies.engine import store
from studies.engine.run import Run


def test_unfinished_run_leaves_nothing(tmp_path):
    kept, run = store.Store(tmp_path), Run(experiment="vae", options={})
    with pytest.raises(KeyboardInterrupt), kept.writing(run) as folder:
        (folder / "model.keras").write_text("half")
        raise KeyboardInterrupt
    assert kept.record(run) is None
    assert not list(tmp_path.iterdir())


def test_lock_sweeps_up_and_keeps_others_out(tmp_path):
    kept = store.Store(tmp_path)
    (tmp_path / ".killed.0123.aside").mkdir(parents=True)
    with kept.lock():
        assert [path.name for path in tmp_path.iterdir()] == [".lock"]
        with pytest.raises(ValueError, match="in use"), kept.lock():
            pass
    with pytest.raises(KeyboardInterrupt), kept.lock():
        (tmp_path / ".killed.4567.aside").mkdir()
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_results_are_read_back_and_have_a_line_per_run(tmp_path):
    rows = [
        {"experiment": "vae", "digest": digest, "metrics": {"x": 0.1 + 0.2}}
        for digest in "ba"
    ]
    path = tmp_path / "results.json"
    store.write_results(path, "quick", rows)
    assert store.read_results(path) == {"plan": "quick", "runs": rows[::-1]}
    assert len(path.read_text().splitlines()) == len(rows) + 2


def test_results_of_runs_that_were_made_elsewhere_stay(tmp_path):
    runs = [Run(experiment="vae", options={"x": x}) for x in range(3)]
    rows = [{"digest": r.digest(), "experiment": "vae", "old": 1} for r in runs]
    path = tmp_path / "results.json"
    new = [{**rows[0], "old": 0}]
    assert store.with_earlier(new, path, "full", runs) == new
    store.write_results(path, "full", rows)
    # The new record of the first stays; the third is not planned any more.
    merged = store.with_earlier(new, path, "full", runs[:2])
    assert merged == [new[0], rows[1]]
    assert store.with_earlier(new, path, "quick", runs) == new
