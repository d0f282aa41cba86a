"""Learning actions from few labelled clips, end to end."""

import warnings

import numpy as np
import pytest

import pose_tf
from pose_tf import novelty
from pose_tf.learning import examination, motions
from pose_tf.learning.recognizer import ActionRecognizer
from tests.support import fake_motion_model


@pytest.fixture(scope="module")
def recognizer(motion_model, clips, unlabelled):
    return pose_tf.learn(motion_model, *clips, unlabelled)


@pytest.fixture(scope="module")
def saved(recognizer, tmp_path_factory):
    return recognizer.save(tmp_path_factory.mktemp("saved") / "mine")


def accuracy(recognizer, clips, actions):
    probabilities = recognizer.predict(clips)
    named = np.array(recognizer.actions)[probabilities.argmax(-1)]
    return (named == actions).mean()


def test_a_few_clips_are_enough(recognizer, test_clips):
    assert recognizer.actions == tuple(sorted(fake_motion_model.KINDS))
    assert accuracy(recognizer, *test_clips) >= 0.95
    probabilities = recognizer.predict(test_clips[0])
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(-1), 1, rtol=1e-5)


def test_it_learns_without_unlabelled_clips(motion_model, clips, test_clips):
    recognizer = ActionRecognizer.from_pretrained(motion_model)
    assert recognizer.fit(*clips) is recognizer
    assert accuracy(recognizer, *test_clips) >= 0.9
    assert all(row.num_unlabelled == 0 for row in recognizer.report.actions)


def test_the_report_says_what_was_left_out(recognizer):
    report = recognizer.report
    assert [row.num_labelled for row in report.actions] == [2] * 4
    assert report.num_left_out == 8
    assert report.accuracy >= 0.75
    assert sum(row.num_unlabelled for row in report.actions) == 32
    table = str(report).splitlines()
    assert table[1].split()[:2] == [recognizer.actions[0], "2"]
    assert "Accuracy to expect: " in str(report)
    assert report.seconds_embedding > 0


def test_with_one_clip_an_action_nothing_can_be_known(motion_model, clips):
    recognizer = pose_tf.learn(motion_model, clips[0][::2], clips[1][::2])
    assert recognizer.report.accuracy is None
    assert recognizer.report.interval is None
    assert "unknown: one clip" in str(recognizer.report)
    assert "Accuracy to expect: unknown" in str(recognizer.report)


def test_actions_with_one_clip_are_named(motion_model, clips):
    recognizer = pose_tf.learn(motion_model, clips[0][1:], clips[1][1:])
    assert f"actions with one clip: {clips[1][0]}" in str(recognizer.report)
    assert recognizer.report.num_left_out == 6


def test_a_wrong_label_is_warned_of(
    motion_model, clips, unlabelled, monkeypatch
):
    monkeypatch.setattr(examination, "MIN_ON_GRAPH", 40)
    wrong = list(clips[1])
    wrong[0] = wrong[2]  # And the other clip of that action stays.
    told = f"clips\\[0\\], labelled '{wrong[0]}', lies among .*'{clips[1][1]}'"
    with pytest.warns(UserWarning, match=told):
        recognizer = pose_tf.learn(motion_model, clips[0], wrong, unlabelled)
    assert len(recognizer.report.warnings) >= 1


def test_right_labels_are_not_warned_of(motion_model, clips, unlabelled):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pose_tf.learn(motion_model, *clips, unlabelled)


def test_what_is_saved_says_the_same(recognizer, saved, test_clips):
    loaded = pose_tf.load(saved)
    assert loaded.actions == recognizer.actions
    poses = np.stack(test_clips[0])
    np.testing.assert_allclose(
        loaded.classify(poses), recognizer.predict(test_clips[0]), atol=1e-5
    )


def test_the_motion_model_is_inside(saved, motion_model, clips):
    motion = pose_tf.load(motion_model).embed_motion(clips[0][0])
    inside = pose_tf.load(saved).embed_motion(clips[0][0])
    for name, value in motion.items():
        np.testing.assert_allclose(inside[name], value, rtol=1e-5, atol=1e-5)


def test_it_can_be_asked_again_after_loading(recognizer, saved, test_clips):
    again = ActionRecognizer.from_pretrained(saved)
    assert again.actions == recognizer.actions
    np.testing.assert_allclose(
        again.predict(test_clips[0]),
        recognizer.predict(test_clips[0]),
        atol=1e-5,
    )


def test_new_actions_are_learnt_and_old_ones_kept(
    motion_model, clips, unlabelled, test_clips, tmp_path
):
    """First two actions are known, then the other two come, in two steps."""
    path = tmp_path / "mine"
    pose_tf.learn(motion_model, clips[0][:4], clips[1][:4], unlabelled).save(
        path
    )
    first = pose_tf.load(path).actions
    for cut in (slice(4, 6), slice(6, 8)):
        more = pose_tf.learn(path, clips[0][cut], clips[1][cut])
        more.save(path)
    assert more.actions[:2] == first
    assert set(more.actions) == set(clips[1])
    assert accuracy(more, *test_clips) >= 0.95
    # All of it is the same as if it had come at once.
    whole = pose_tf.learn(motion_model, *clips, unlabelled)
    order = [whole.actions.index(action) for action in more.actions]
    np.testing.assert_allclose(
        more.predict(test_clips[0]),
        whole.predict(test_clips[0])[:, order],
        atol=0.02,
    )
    files = [p for p in path.rglob("*") if p.is_file()]
    alone = [p for p in motion_model.rglob("*") if p.is_file()]
    size, before = (sum(p.stat().st_size for p in ps) for ps in (files, alone))
    assert size < before + 100_000  # No model inside a model.


def test_an_unlabelled_clip_may_be_labelled_later(
    motion_model, clips, unlabelled
):
    recognizer = pose_tf.learn(motion_model, *clips, unlabelled)
    recognizer.fit(unlabelled[:1], [fake_motion_model.KINDS[0]])
    rows = {row.action: row for row in recognizer.report.actions}
    assert rows[fake_motion_model.KINDS[0]].num_labelled == 3
    assert sum(row.num_unlabelled for row in rows.values()) == 31


def test_an_error_loses_nothing(recognizer, saved, test_clips, clips):
    before = recognizer.predict(test_clips[0])
    report = recognizer.report
    with pytest.raises(ValueError, match="same action"):
        recognizer.fit(clips[0][:1], ["another"])
    np.testing.assert_array_equal(recognizer.predict(test_clips[0]), before)
    assert recognizer.report is report


def test_labels_that_contradict_each_other_are_named(motion_model, clips):
    made, kinds = clips
    with pytest.raises(ValueError, match=r"clips\[0\] as.*clips\[8\] as 'x'"):
        pose_tf.learn(motion_model, [*made, made[0]], [*kinds, "x"])


def test_a_clip_may_come_twice_with_one_label(motion_model, clips):
    made, kinds = clips
    twice = pose_tf.learn(motion_model, [*made, made[0]], [*kinds, kinds[0]])
    assert twice.report.num_left_out == 9


@pytest.mark.parametrize(
    ("number", "actions", "told"),
    [
        (1, ["squat"], "at least 2 different.*1 clips of squat"),
        (2, ["squat", "squat"], "at least 2 different.*2 clips of squat"),
        (0, [], "at least 2 different.*0 clips of nothing"),
        (2, ["squat"], "one name per clip.*1 actions and 2 clips"),
        (1, ["squat", "jump"], "one name per clip.*2 actions and 1 clips"),
        (2, "squat", "one name per clip.*1 actions and 2 clips"),
        (2, ["squat", ""], "names.*'' for clip 1"),
        (2, ["squat", 3], "names.*3 for clip 1"),
        (2, ["squat", "a\nb"], "one line"),
    ],
)
def test_unusable_actions_are_refused(
    motion_model, clips, number, actions, told
):
    with pytest.raises(ValueError, match=told):
        pose_tf.learn(motion_model, clips[0][:number], actions)
    # An iterator, too, whose length is known in the end only.
    with pytest.raises(ValueError, match=told):
        pose_tf.learn(motion_model, iter(clips[0][:number]), actions)


def test_unlabelled_clips_of_another_skeleton_are_refused(motion_model, clips):
    with pytest.raises(ValueError, match=r"`unlabelled\[0\]` must be"):
        pose_tf.learn(motion_model, *clips, [np.ones((9, 17, 2))])


def test_a_motion_model_of_another_skeleton_is_refused(
    motion_model, clips, tmp_path
):
    other = fake_motion_model.write(tmp_path / "coco", "coco_17")
    with pytest.raises(ValueError, match=r"`clips\[0\]` must be \[T, 17, 2\]"):
        pose_tf.learn(other, *clips)


def test_nobody_visible_is_refused_or_left_out(motion_model, clips):
    nobody = np.zeros((20, 13, 2))
    with pytest.raises(ValueError, match=r"`clips\[0\]` must have a frame"):
        pose_tf.learn(motion_model, [nobody, *clips[0][1:]], clips[1])
    with pytest.warns(UserWarning, match="Left out 1 unlabelled"):
        pose_tf.learn(motion_model, *clips, [nobody])


def test_short_clips_are_learnt_from_with_a_warning(motion_model, clips):
    made = [clips[0][0][:5], *clips[0][1:]]
    with pytest.warns(UserWarning, match=r"fewer than 9 frames.*clips\[0\]"):
        recognizer = pose_tf.learn(motion_model, made, clips[1])
    assert np.isfinite(recognizer.predict(made)).all()


def test_nothing_learnt_is_nothing_to_ask_for(motion_model, clips, tmp_path):
    recognizer = ActionRecognizer.from_pretrained(motion_model)
    with pytest.raises(ValueError, match="`fit` must come first"):
        recognizer.predict(clips[0])
    with pytest.raises(ValueError, match="`fit` must come first"):
        recognizer.save(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_other_things_are_not_replaced(recognizer, tmp_path):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(ValueError, match="new or empty folder"):
        recognizer.save(tmp_path)
    with pytest.raises(ValueError, match="new or empty folder"):
        recognizer.save(tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").exists()


def test_a_damaged_memory_is_named(saved, tmp_path):
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(saved, broken)
    (broken / "assets.extra" / "learned.npz").write_bytes(b"PK")
    with pytest.raises(ValueError, match="learned.npz must hold"):
        ActionRecognizer.from_pretrained(broken)


@pytest.mark.slow
def test_a_hundred_thousand_unlabelled_clips(motion_model, monkeypatch):
    """Their embeddings, that is: reading them is another matter."""
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(6, 32))
    which = np.concatenate([np.arange(12) % 6, rng.integers(6, size=100_000)])
    noise = rng.normal(scale=0.5, size=(len(which), 32))
    embeddings = novelty.unit_length(centers[which] + noise)

    def embed(model, clips, argument="clips", leave_out=False):
        cut = slice(0, 12) if argument == "clips" else slice(12, None)
        places = np.arange(len(which))[cut]
        names = tuple(map(str, places))
        digests = places.astype(np.uint64)
        return motions.EmbeddedClips(embeddings[cut], digests, names, names)

    monkeypatch.setattr(motions, "embed", embed)
    recognizer = ActionRecognizer.from_pretrained(motion_model)
    recognizer.fit([None] * 12, [f"action {a}" for a in which[:12]])
    monkeypatch.undo()
    assert recognizer.report.accuracy == 1
    given = [row.num_unlabelled for row in recognizer.report.actions]
    assert given == np.bincount(which[12:]).tolist()
    size = recognizer._memory.embeddings.nbytes
    assert size < 20e6
