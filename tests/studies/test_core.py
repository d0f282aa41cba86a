"""Runs, their store, intervals and records."""

import dataclasses

import pytest

from studies import experiment
from studies.embedding import plan
from studies.embedding.classification import dimensions
from studies.engine import schedule, store
from studies.engine.run import Run, with_needs
from studies.page import intervals, records


def make_run(**changes):
    vae = Run(experiment="vae", options={"latent_dim": 2})
    asked = {
        "experiment": "classification",
        "options": {"arm": "embedding", "length": 5},
        "needs": (vae,),
    }
    return Run(**{**asked, **changes})


def test_digest_is_of_what_is_asked_not_of_its_order():
    run = make_run()
    other = make_run(options={"length": 5, "arm": "embedding"})
    assert run.digest() == other.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"protocol": "validation"},
        {"options": {"arm": "embedding", "length": 6}},
        {"needs": (Run(experiment="vae", options={"latent_dim": 3}),)},
    ],
    ids=str,
)
def test_digest_changes_with_whatever_is_asked(change):
    assert make_run().digest() != make_run(**change).digest()


def test_digest_changes_with_the_version_of_what_is_needed(monkeypatch):
    before = make_run().digest()
    monkeypatch.setattr(experiment("vae"), "VERSION", -1)
    assert make_run().digest() != before


def test_needs_come_first_and_once():
    first, second = make_run(), make_run(seed=1)
    assert with_needs([first, second, first]) == [
        first.needs[0],
        first,
        second,
    ]


@pytest.mark.parametrize("sizes", [plan.FULL, plan.QUICK], ids=lambda p: p.name)
def test_plan_has_runs_of_every_part_each_once(sizes):
    runs = schedule.runs_of(sizes)
    digests = [run.digest() for run in runs]
    assert len(digests) == len(set(digests))
    for name in ("reproduction", "classification"):
        assert any(run.experiment == name for run in runs)


def test_full_and_quick_differ_in_values_alone():
    names = {field.name for field in dataclasses.fields(plan.FULL)}
    assert names == set(dataclasses.asdict(plan.QUICK))


def test_unknown_experiment_names_the_known():
    with pytest.raises(ValueError, match="reproduction.*Received: 'nonsense'"):
        experiment("nonsense")


def test_unfinished_run_leaves_nothing(tmp_path):
    kept, run = store.Store(tmp_path), make_run()
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


def test_results_come_back_a_line_a_run(tmp_path):
    rows = [
        {"experiment": "vae", "digest": digest, "figures": {"x": 0.1 + 0.2}}
        for digest in "ba"
    ]
    path = tmp_path / "results.json"
    store.write_results(path, "quick", rows)
    assert store.read_results(path) == {"plan": "quick", "runs": rows[::-1]}
    assert len(path.read_text().splitlines()) == len(rows) + 2


def test_interval_of_numbers_worked_by_hand():
    # Student's t of 2 degrees of freedom: 4.3027; stddev 1, of 3 values.
    interval = intervals.of([1.0, 2.0, 3.0])
    assert interval.mean == 2
    assert interval.half == pytest.approx(4.3027 / 3**0.5, abs=1e-4)
    assert not interval.clear_of_zero
    assert interval.text() == "2.0 ± 2.5"
    assert intervals.of([-0.04, 0.02]).text(sign=True).startswith("+0.0")


def test_interval_that_holds_for_several_is_wider():
    values = [1.0, 2.0, 3.0]
    # Twice 97.5 %: t of 2 degrees of freedom is 6.2053.
    assert intervals.of(values, comparisons=2).half == pytest.approx(
        6.2053 / 3**0.5, abs=1e-4
    )


def test_paired_differences_are_of_the_same_seeds():
    interval = intervals.paired({0: 5.0, 1: 7.0}, {1: 6.0, 0: 4.0})
    assert (interval.mean, interval.half) == (1.0, 0.0)
    with pytest.raises(ValueError, match="same seeds"):
        intervals.paired({0: 1.0}, {1: 1.0})


def test_figures_by_seed_want_one_record_a_seed():
    rows = [{"seed": 0, "figures": {"top1": x}} for x in (1.0, 2.0)]
    assert records.by_seed(rows[:1], "top1") == {0: 1.0}
    with pytest.raises(ValueError, match="a seed each"):
        records.by_seed(rows, "top1")


def test_worse_arms_are_so_for_all_comparisons_at_once():
    # Below 20 by 3, 4 and 5: t = 4 / (1 / sqrt(3)) = 6.93 on 2 degrees of
    # freedom, beyond 4.30 (95 %) and 6.21 (for two at once), not beyond 7.65
    # (for three).
    arms = {
        2: {0: 50.0, 1: 50.0, 2: 50.1},
        10: {0: 87.0, 1: 86.0, 2: 85.0},
        20: {0: 90.0, 1: 90.0, 2: 90.0},
    }
    assert dimensions.best(arms) == 20
    assert dimensions.worse(arms) == [2, 10]
    assert dimensions.worse({**arms, 40: arms[20]}) == [2]
