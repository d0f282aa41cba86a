"""Tests of the sequences that the gallery draws."""

from pose_tf.pipeline import windows
from pose_tf.plots import stick_figures
from studies.embedding.gallery import experiment as gallery
from studies.embedding.generation import rollouts


def test_gif_of_a_long_sequence_grows(shared_context):
    cut = rollouts.gather(
        windows.window_batches(
            shared_context.clips.test,
            length=15,
            stride=5,
            batch_size=8,
            skeleton=shared_context.clips.skeleton,
        )
    )
    rolled = rollouts.Baseline("zero_velocity").rollout(
        cut["poses"][:, :10], cut["visibility"][:, :10], 5
    )
    seen, *others = gallery._sequences(cut, rolled, 0, 10, 3)
    assert len(seen[0]) == 10
    assert [len(poses) for poses, _ in others] == [13, 13]
    assert len(gallery._sequences(cut, rolled, 0, 10, 0)) == 1
    assert stick_figures.view_box([seen]).side > 0
