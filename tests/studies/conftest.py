"""Records of runs that nobody ran, and plans of tiny runs."""

import dataclasses

import numpy as np
import pytest

from studies.embedding import plan
from studies.engine import context, schedule, store

NUM_ACTIONS = 15
EARLY = ("vae", "reproduction", "classification", "few_labels", "rockets")
LATE = ("embedding", "generation", "next_frame", "gallery")
MOTION = ("motion_rockets", "motion")
JHMDB = ("jhmdb_rockets", "jhmdb")
CONTINUATIONS = ("chunk_gate", "continuations")


def _early_figures(run, rng):
    """Figures of the shape that a run gives."""
    if run.experiment == "vae":
        return {"mpjpe": rng.uniform(), "active_units": 3}
    if run.options["arm"] == "vae":
        return {}
    counts = rng.integers(1, 20, (NUM_ACTIONS, NUM_ACTIONS))
    return {
        "top1": rng.uniform(50, 90),
        "macro_f1": rng.uniform(50, 90),
        "confusion": counts.tolist(),
        "num_windows": int(counts.sum()),
    }


def _fake_record(run, metrics):
    """A record as `Context.perform` writes it."""
    return {
        "experiment": run.experiment,
        "options": run.options,
        "seed": run.seed,
        "protocol": run.split_protocol,
        "digest": run.digest(),
        "metrics": metrics,
        "seconds": 1.0,
        "versions": {"python": "3"},
    }


def _health(rng):
    names = ("energy_ratio", "frozen", "root_ratio", "nearest", "limb_change")
    names += ("out_of_frame", "real_nearest", "real_limb_change")
    health = {name: rng.uniform(0.1, 2, 50).tolist() for name in names}
    health["real_out_of_frame"] = [0.0] * 50
    return {**health, "npss": 1.0}


def _forecast(run, rng):
    slope = 0.1 * (1 + run.options.get("latent_dim", 0))
    total = slope * np.arange(1, 31) + rng.uniform(0, 0.01, 30)
    metrics = {
        "pck": (100 - total).tolist(),
        "mpjpe": total.tolist(),
        "mean_pck": 100 - total.mean(),
        "mean_mpjpe": total.mean(),
        "health": _health(rng),
    }
    if run.options["arm"] == "embedding":
        metrics |= {
            "reconstruction": [0.5] * 30,
            "dynamics": (total - 0.25).tolist(),
            "corrected": (total - 0.5).tolist(),
        }
    return metrics


def _late_figures(run, rng):
    if run.experiment == "vae":
        names = ("rate", "distortion", "elbo", "mpjpe", "pca_mpjpe")
        metrics = {name: rng.uniform(1, 2) for name in names}
        return {**metrics, "active_units": 7, "bound": 1.5, "bound_elbo": 1.0}
    if run.experiment == "generation":
        return _forecast(run, rng)
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
        metrics = {"neighbour": 39.0, "chance": 9.0, "num_poses": 3000}
        return {**metrics, "picture": "latent_map.png"}
    line = {"limbs": 90.0, "nearest": 0.2}
    shown = {"picture": "interpolation_nearest.gif", "distance": 1.0}
    shown |= {"actions": ["a", "b"], "limbs": {"latent": 99.0, "joints": 98.0}}
    metrics = {"latent": line, "joints": line, "ends_nearest": 0.1}
    return {**metrics, "shown": [shown], "num_pairs": 105}


@pytest.fixture(scope="session")
def fake_records():
    """A record for every run of parts 1 to 3 of the small plan."""
    rng = np.random.default_rng(0)
    # Intervals need two seeds.
    sizes = dataclasses.replace(plan.QUICK, reproduction_seeds=2)
    return [
        _fake_record(run, _early_figures(run, rng))
        for run in schedule.runs_of(sizes, EARLY)
    ]


@pytest.fixture(scope="session")
def late_records():
    """A record for every run of parts 4 to 6 of the small plan."""
    rng = np.random.default_rng(0)
    return [
        _fake_record(run, _late_figures(run, rng))
        for run in schedule.runs_of(plan.QUICK, LATE)
    ]


def _motion_figures(run, rng):
    if run.experiment in ("motion_rockets", "jhmdb_rockets"):
        return {"top1": rng.uniform(50, 90)}
    if "labels" not in run.options:  # It describes clips.
        return {"explained": 90.0}
    draws = {
        head: {
            f"{share:g}": rng.uniform(
                50, 90, run.options["num_draws"] if share < 100 else 1
            ).tolist()
            for share in run.options["labels"]
        }
        for head in ("plain", "spread")
    }
    del draws["spread"]["100"]
    return {"draws": draws}


@pytest.fixture(scope="session")
def motion_records():
    """A record for every run of part 7 of the small plan, with a rocket."""
    rng = np.random.default_rng(0)
    sizes = dataclasses.replace(
        plan.QUICK, motion_seeds=2, motion_rockets=("MiniRocket",)
    )
    return [
        _fake_record(run, _motion_figures(run, rng))
        for run in schedule.runs_of(sizes, MOTION)
    ]


@pytest.fixture(scope="session")
def jhmdb_records():
    """A record for every run of part 8 of two splits, with a rocket."""
    rng = np.random.default_rng(0)
    sizes = dataclasses.replace(
        plan.QUICK, jhmdb_splits=(1, 2), jhmdb_rockets=("MiniRocket",)
    )
    return [
        _fake_record(run, _motion_figures(run, rng))
        for run in schedule.runs_of(sizes, JHMDB)
    ]


def _continuation_figures(run, rng):
    if run.experiment == "vae":
        return {"mpjpe": rng.uniform()}
    if run.experiment == "chunk_gate":
        least = 0.5 + run.options["latent_dim"] / 20
        return {"vae": [least + 0.05, *[least] * 49], "pca": [0.5] * 50}
    names = ("frozen", "jitter", "limb_change", "real_limb_change")
    health = {name: rng.uniform(1, 2) for name in (*names, "ade", "fde")}

    def moves(share):
        return {**health, "lag_energy": [share + rng.uniform(0, 0.01)] * 50}

    total = 5 + rng.uniform(0, 0.01)
    metrics = {"mean_pck": 60.0 + rng.uniform(), "mean_mpjpe": total}
    metrics["deterministic"] = moves(0.25)
    if run.options["arm"] != "zero_velocity":
        metrics["samples"] = {**moves(1.0), "calibration": 0.9}
    if "latent_dim" in run.options:
        metrics["mean_mpjpe"] += 1
        metrics["mean_dynamics"] = total + 0.25
        metrics |= {"decoded": moves(0.9), "mean_reconstruction": 0.8}
    return metrics


@pytest.fixture(scope="session")
def continuation_records():
    """A record for every run of part 9 of the small plan."""
    rng = np.random.default_rng(0)
    return [
        _fake_record(run, _continuation_figures(run, rng))
        for run in schedule.runs_of(plan.QUICK, CONTINUATIONS)
    ]


@pytest.fixture(scope="session")
def tiny_plan():
    """A plan whose runs take seconds."""
    return dataclasses.replace(
        plan.QUICK,
        vae_epochs=1,
        dimensions=(2,),
        lengths=(3, 0),
        epochs=(1, 1),
        filters=8,
        units=8,
        batch_size=32,
        clip_batch_size=4,
        window=8,
        reproduction_dimension=2,
        reproduction_every=1,
        generation_seeds=1,
        next_frame_seeds=1,
        generation_dimensions=(2,),
        generator_dim=8,
        generator_epochs=1,
        generator_stride=5,
        skips=(2,),
        pose_dimensions=(),
        next_frame_epochs=1,
        next_frame_stride=2,
        gallery_dimension=2,
        motion_seeds=1,
        motion_draws=1,
        motion_features=84,
        motion_components=8,
        motion_views=2,
        motion_epochs=1,
        motion_dimension=4,
        motion_dimensions=(4,),
        continuation_seeds=1,
        continuation_dimension=2,
        continuation_units=8,
        continuation_stride=5,
        continuation_rollout=5,
        continuation_test_stride=5,
        chunk_dimension=3,
        chunk_dimensions=(3,),
    )


@pytest.fixture
def tiny_context(tiny_data_dir, tmp_path):
    """A context of tiny clips and an empty store."""
    return context.Context(store.Store(tmp_path), data_dir=tiny_data_dir)


@pytest.fixture(scope="session")
def shared_context(tiny_data_dir, tmp_path_factory):
    """A context of tiny clips whose tests share VAEs."""
    runs = store.Store(tmp_path_factory.mktemp("runs"))
    return context.Context(runs, data_dir=tiny_data_dir)
