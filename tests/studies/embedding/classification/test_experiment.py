"""Tests of part 2 on tiny clips."""

from studies.embedding.classification import experiment as classification


def test_baselines_see_only_the_labelled_clips(tiny_context, tiny_plan):
    run = classification.baseline_run(
        tiny_plan, "nearest neighbour", length=0, labels=1
    )
    few = tiny_context.perform(run)["metrics"]
    assert sum(map(sum, few["confusion"])) == few["num_windows"]
