"""Tests of the names of config fields in the options of runs."""

from pose_tf import presets
from studies.embedding import plan, recorded
from studies.engine import schedule

RECORDED = {"conv_dim", "likelihood_rate", "lstm_dim", "occluded"}


def test_options_keep_the_names_that_digests_cover():
    options = recorded.options(units=64, num_lstms=1)
    assert options == {"lstm_dim": 64, "num_lstms": 1}
    assert recorded.fields(options) == {"units": 64, "num_lstms": 1}


def test_options_of_all_runs_are_fields_of_configs():
    fields = {
        *vars(presets.get("classifier", "default")),
        *vars(presets.get("generator", "default")),
        *vars(presets.get("vae", "default")),
    }
    recorded_names = set()
    for run in schedule.runs_of(plan.FULL):
        options = run.options.get("config", {})
        recorded_names |= set(options) & RECORDED
        assert set(recorded.fields(options)) <= fields, run
    assert recorded_names == RECORDED - {"occluded"}  # That is of VAEs.
