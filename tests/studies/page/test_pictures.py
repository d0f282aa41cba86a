"""Tests of the pictures of runs."""

from studies.embedding import plan
from studies.embedding.gallery import experiment as gallery
from studies.engine import store
from studies.page import pictures


def test_pictures_of_finished_runs_are_collected(tmp_path):
    kept = store.Store(tmp_path / "runs")
    done, missing = gallery.runs(plan.QUICK)
    with kept.writing(done) as folder:
        (folder / pictures.FOLDER).mkdir()
        (folder / pictures.FOLDER / "a.gif").write_bytes(b"GIF")
    pictures.collect(kept, [done, missing], tmp_path / "page")
    assert [p.name for p in (tmp_path / "page").iterdir()] == ["a.gif"]
