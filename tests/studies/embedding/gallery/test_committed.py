"""Tests of the gallery of a SavedModel, on tiny clips."""

import re

import numpy as np
import pytest

from studies.embedding.gallery import choice, committed


class Still:
    """Repeats the last frame; its samples step aside, each farther."""

    def generate(self, poses, visibility, horizon, **options):
        count = options.get("num_samples", 1)
        last = np.nan_to_num(poses)[:, None, -1:]
        futures = np.repeat(np.repeat(last, horizon, 2), count, 1)
        if options["temperature"]:
            aside = np.arange(1, count + 1)[:, None, None, None]
            frames = np.arange(1, horizon + 1)[:, None, None]
            futures = futures + aside * frames
        return {"poses": futures.astype(np.float32)}


def test_the_page_shows_all_that_is_drawn(tiny_clips, tmp_path, monkeypatch):
    for name, value in (
        ("HORIZON", 5),
        ("LENGTH", 20),
        ("LAST", 5),
        ("AHEAD", (0, 5)),
        ("REPEATED", tiny_clips.actions),
    ):
        monkeypatch.setattr(committed, name, value)
    monkeypatch.setattr(choice, "MIN_VISIBLE", 0.0)
    page = committed.draw(Still(), tiny_clips, tmp_path)
    text = page.read_text()
    shown = re.findall(r"\]\((\w+\.gif)\)", text)
    assert len(shown) == len(set(shown))
    assert set(shown) == {path.name for path in tmp_path.glob("*.gif")}
    assert {"realistic_1.gif", "long_5.gif", "endless_best.gif"} <= set(shown)
    assert "the prediction 0.00" in text
    assert not re.search(r"[{}]|nan", text)


def test_futures_are_the_prediction_and_then_samples():
    poses = np.zeros((2, 10, 13, 2), np.float32)
    given = committed.futures(Still(), poses, np.ones((2, 10, 13), bool), 4)
    assert given.shape == (2, 4, 4, 13, 2)
    np.testing.assert_array_equal(given[0, :, 1, 0, 0], [0, 2, 4, 6])


def test_blocks_of_windows_have_noise_of_their_own():
    seeds = []

    class Seeds(Still):
        def generate(self, poses, visibility, horizon, **options):
            seeds.append((options.get("seed"), len(poses)))
            return super().generate(poses, visibility, horizon, **options)

    poses = np.zeros((20, 10, 13, 2), np.float32)
    given = committed.futures(Seeds(), poses, np.ones((20, 10, 13), bool), 4)
    assert len(given) == 20
    assert seeds == [(None, 16), (0, 16), (None, 4), (16, 4)]


def test_arguments_have_defaults():
    args = committed.parse([])
    assert args.model == committed.MODEL
    with pytest.raises(SystemExit):
        committed.parse(["--no_such"])
