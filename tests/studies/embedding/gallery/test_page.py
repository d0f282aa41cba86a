"""Tests of the gallery's section."""

from studies.embedding import plan
from studies.embedding.gallery import page
from studies.embedding.study import STUDY
from studies.page import report


def test_front_picture_is_the_continuation_with_the_least_error(late_records):
    galleries = [r for r in late_records if r["experiment"] == "gallery"]
    embedded = next(r for r in galleries if r["options"]["latent_dim"])
    shown = [
        {**s, "error_ratio": 0.2, "picture": "best.gif"}
        if s["kind"] == "realistic"
        else {**s, "error_ratio": 0.1}
        for s in embedded["metrics"]["shown"]
    ]
    metrics = {**embedded["metrics"], "shown": shown}
    changed = [
        {**r, "metrics": metrics} if r is embedded else r for r in late_records
    ]
    text = page.front_picture(changed, "docs")
    assert "](docs/best.gif)" in text
    assert "0.20 × that of zero velocity" in text
    assert "embedding, 20 dimensions" in text


def test_gallery_waits_for_all_generators_of_its_table(late_records, tmp_path):
    results = {"plan": plan.QUICK.name, "runs": late_records}
    assert "## 6. Freezing" in report.render(STUDY, results, tmp_path)
    assert report.front_picture(STUDY, results)
    last = [r for r in late_records if r["experiment"] == "generation"][-1]
    few = {**results, "runs": [r for r in late_records if r is not last]}
    assert "## 6. Freezing" not in report.render(STUDY, few, tmp_path)
    assert not report.front_picture(STUDY, few)
