"""The pages of parts 4 to 6, from records that nobody ran."""

import re

import numpy as np
import pytest

from studies.embedding import plan
from studies.embedding.gallery import experiment as gallery
from studies.embedding.generation import experiment as generation
from studies.embedding.latent import experiment as embedding
from studies.embedding.next_frame import experiment as next_frame
from studies.engine import schedule, store
from studies.page import pictures, report

MODULES = (embedding, generation, next_frame, gallery)
# What runs draw, and no section can.
DRAWN = ".gif", "latent_map.png"


def _health(rng):
    names = ("energy_ratio", "frozen", "root_ratio", "nearest", "limb_change")
    names += ("out_of_frame", "real_nearest", "real_limb_change")
    health = {name: rng.uniform(0.1, 2, 50).tolist() for name in names}
    health["real_out_of_frame"] = [0.0] * 50
    return {**health, "npss": 1.0}


def _house(run, rng):
    slope = 0.1 * (1 + run.options.get("latent_dim", 0))
    total = slope * np.arange(1, 31) + rng.uniform(0, 0.01, 30)
    figures = {
        "pck": (100 - total).tolist(),
        "mpjpe": total.tolist(),
        "mean_pck": 100 - total.mean(),
        "mean_mpjpe": total.mean(),
        "health": _health(rng),
    }
    if run.options["arm"] == "embedding":
        figures |= {
            "reconstruction": [0.5] * 30,
            "dynamics": (total - 0.25).tolist(),
            "corrected": (total - 0.5).tolist(),
        }
    return figures


def _figures(run, rng):
    if run.experiment == "vae":
        names = ("rate", "distortion", "elbo", "mpjpe", "pca_mpjpe")
        figures = {name: rng.uniform(1, 2) for name in names}
        return {**figures, "active_units": 7, "bound": 1.5, "bound_elbo": 1.0}
    if run.experiment == "generation":
        return _house(run, rng)
    if run.experiment == "next_frame":
        names = ("mae", "visible_mae", "reconstruction", "dynamics")
        return {name: rng.uniform(0, 0.01) for name in (*names, "corrected")}
    if run.experiment == "gallery":
        shown = {"action": "jump_rope", "clip_id": "0001", "start": 5}
        shown |= {"energy_ratio": 0.5, "drift": -1.0, "error": 5.0}
        shown |= {"error_ratio": 0.9, "ahead": 50}
        kinds = ("realistic", "frozen", "drifting", "typical")
        return {
            "shown": [
                {**shown, "kind": kind, "picture": f"{kind}.gif"}
                for kind in kinds
            ],
            "num_windows": 40,
            "num_eligible": 12,
        }
    if run.options["what"] == "map":
        figures = {"neighbour": 39.0, "chance": 9.0, "num_poses": 3000}
        return {**figures, "picture": "latent_map.png"}
    line = {"limbs": 90.0, "nearest": 0.2}
    shown = {"picture": "interpolation_nearest.gif", "distance": 1.0}
    shown |= {"actions": ["a", "b"], "limbs": {"latent": 99.0, "joints": 98.0}}
    figures = {"latent": line, "joints": line, "ends_nearest": 0.1}
    return {**figures, "shown": [shown], "num_pairs": 105}


@pytest.fixture(scope="module")
def records():
    """A record for every run of parts 4 to 6 of the small plan."""
    rng = np.random.default_rng(0)
    parts = [module.NAME for module in MODULES]
    return [
        {
            "experiment": run.experiment,
            "options": run.options,
            "seed": run.seed,
            "protocol": run.protocol,
            "digest": run.digest(),
            "figures": _figures(run, rng),
            "seconds": 1.0,
            "versions": {"python": "3"},
        }
        for run in schedule.runs_of(plan.QUICK, parts)
    ]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.NAME)
def test_section_shows_figures_and_the_plots_that_it_names(
    module, records, tmp_path
):
    text = module.section(records, tmp_path)
    assert text.startswith("##")
    assert "nan" not in text
    named = set(re.findall(r"\]\((\w+\.\w+)\)", text))
    plotted = {name for name in named if not name.endswith(DRAWN)}
    assert plotted == {path.name for path in tmp_path.iterdir()}
    assert all(module.conclusion(records))


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.NAME)
def test_section_depends_on_the_figures_alone(module, records, tmp_path):
    once = module.section(records, tmp_path)
    assert once == module.section(records[::-1], tmp_path)
    assert module.conclusion(records) == module.conclusion(records[::-1])


def test_parts_of_the_extra_error_add_up_to_it(records, tmp_path):
    text = generation.section(records, tmp_path)
    # 20 dimensions: 0.1 a frame for raw poses, and 2.1 for embedded ones.
    (row,) = re.findall(r"\| 20 \| \+30 \|.*", text)
    extra, decoding, dynamics, corrected = (
        float(cell.split()[0].replace("−", "-")) for cell in row.split("|")[4:8]
    )
    assert extra == pytest.approx(60, abs=0.05)
    assert decoding == pytest.approx(0.25, abs=0.01)
    assert extra == pytest.approx(decoding + dynamics, abs=0.011)
    assert corrected == pytest.approx(extra - 0.5, abs=0.011)


def test_growth_of_the_extra_error_is_told(records):
    raises, compounds = generation.conclusion(records)
    assert "raises the error" in raises
    assert "it grows" in compounds
    flat = [
        {**r, "figures": {**r["figures"], "mpjpe": [1.0 + r["seed"]] * 30}}
        if r["experiment"] == "generation"
        else r
        for r in records
    ]
    assert "cannot be told" in generation.conclusion(flat)[1]


def test_front_row_names_the_better_baseline(records):
    ((what, raw, embedded, difference, baseline),) = generation.front_rows(
        records
    )
    assert "20 dimensions" in what
    assert float(embedded.split()[0]) < float(raw.split()[0])
    assert difference.startswith("−")
    assert baseline.startswith(("zero velocity ", "constant velocity "))


def test_front_picture_is_the_continuation_with_the_least_error(records):
    galleries = [r for r in records if r["experiment"] == "gallery"]
    embedded = next(r for r in galleries if r["options"]["latent_dim"])
    shown = [
        {**s, "error_ratio": 0.2, "picture": "best.gif"}
        if s["kind"] == "realistic"
        else {**s, "error_ratio": 0.1}
        for s in embedded["figures"]["shown"]
    ]
    figures = {**embedded["figures"], "shown": shown}
    changed = [
        {**r, "figures": figures} if r is embedded else r for r in records
    ]
    text = gallery.front_picture(changed, "docs")
    assert "](docs/best.gif)" in text
    assert "0.20 of zero velocity's" in text
    assert "embedding, 20 dimensions" in text


def test_gallery_waits_for_all_generators_of_its_table(records, tmp_path):
    results = {"plan": plan.QUICK.name, "runs": records}
    assert "## 6. Freezing" in report.render(results, tmp_path)
    assert report.front_picture(results)
    last = [r for r in records if r["experiment"] == "generation"][-1]
    few = {**results, "runs": [r for r in records if r is not last]}
    assert "## 6. Freezing" not in report.render(few, tmp_path)
    assert not report.front_picture(few)


def test_pictures_of_finished_runs_are_collected(tmp_path):
    kept = store.Store(tmp_path / "runs")
    done, missing = gallery.runs(plan.QUICK)
    with kept.writing(done) as folder:
        (folder / pictures.FOLDER).mkdir()
        (folder / pictures.FOLDER / "a.gif").write_bytes(b"GIF")
    pictures.collect(kept, [done, missing], tmp_path / "page")
    assert [p.name for p in (tmp_path / "page").iterdir()] == ["a.gif"]
