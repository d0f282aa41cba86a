"""The section of the page on part 9; see `experiment`."""

import pathlib

import numpy as np

from pose_tf.models.generator import CHUNK
from studies.embedding.continuations import arms, measures
from studies.page import curves, intervals, words
from studies.page.records import select, table
from studies.page.templates import fill

PLOT = "continuation_motion.png"
HORIZONS = (5, 10, 25, 50)
LAST = 30  # Frames over which errors are measured.
EMBEDDED = (arms.POSES, arms.MOTION)
WAYS = ("decoded", "deterministic", "samples")


def section(records, folder) -> str:
    """Returns part 9, and writes its plot to `folder`."""
    runs = _arms(records)
    options = runs[arms.RAW][0]["options"]
    config = options["config"]
    _draw(runs, pathlib.Path(folder) / PLOT)
    parts = [
        fill(
            __file__,
            "introduction",
            chunk=CHUNK,
            poses=_size(runs, arms.POSES),
            motion=_size(runs, arms.MOTION),
            epochs=words.of_epochs(config["num_epochs"]),
            rollout=config["rollout"],
        ),
        *_gate(records),
        fill(__file__, "scores", last=LAST, seeds=len(runs[arms.RAW])),
        _scores(runs),
        fill(__file__, "split"),
        _split(runs),
        fill(
            __file__,
            "motion",
            horizon=measures.HORIZON,
            stride=options["test_stride"],
            samples=options["num_samples"],
            limbs=_first(runs)["real_limb_change"],
        ),
        _motion(runs),
        fill(__file__, "plot"),
        *_mechanism(runs),
    ]
    return "\n\n".join(parts)


def conclusion(records) -> list[str]:
    """Returns what embeddings do to errors, and where freezing comes from."""
    runs = _arms(records)
    extras = [
        f"{_extra(runs, arm).text(2, sign=True)} % of the box ({_title(runs, arm)})"
        for arm in EMBEDDED
    ]
    size = _size(runs, arms.MOTION)
    (gate,) = _gates(records, latent_dim=size, beta=_beta(records))
    trained = {
        way: [
            _at(runs, arm, way, measures.HORIZON)
            for arm in (arms.RAW, *EMBEDDED)
            if way in runs[arm][0]["metrics"]
        ]
        for way in WAYS
    }
    return [
        fill(__file__, "conclusion_error", arms=", ".join(extras)),
        fill(
            __file__,
            "conclusion_motion",
            horizon=measures.HORIZON,
            **{way: _range(values) for way, values in trained.items()},
            size=size,
            least=min(gate["metrics"]["vae"]),
            pca=min(gate["metrics"]["pca"]),
        ),
    ]


def _arms(records):
    """Returns the records of each arm."""
    return {
        arm: select(records, arms.NAME, arm=arm)
        for arm in (arms.ZERO_VELOCITY, *arms.TRAINED)
    }


def _title(runs, arm):
    return arms.title(runs[arm][0]["options"])


def _size(runs, arm):
    return runs[arm][0]["options"]["latent_dim"]


def _first(runs):
    return runs[arms.RAW][0]["metrics"]["deterministic"]


def _gates(records, **options):
    return select(records, "chunk_gate", **options)


def _beta(records):
    """Returns the beta at which most sizes are compared."""
    betas = [record["options"]["beta"] for record in _gates(records)]
    return max(sorted(set(betas)), key=betas.count)


def _gate(records):
    """Returns the texts and tables on what a latent keeps."""
    beta = _beta(records)
    by_size = sorted(
        _gates(records, beta=beta), key=lambda r: r["options"]["latent_dim"]
    )
    (config,) = {
        r["options"]["config"]["chunk_dim"]
        for r in _gates(records)
        if r["options"]["beta"] != beta
    } or {by_size[-1]["options"]["latent_dim"]}
    by_beta = sorted(
        _gates(records, latent_dim=config), key=lambda r: r["options"]["beta"]
    )
    return [
        fill(
            __file__,
            "gate",
            horizon=measures.HORIZON,
            numbers=CHUNK * 26,
            beta=beta,
        ),
        _kept("dimensions", "latent_dim", by_size),
        fill(__file__, "betas", size=config),
        _kept("beta", "beta", by_beta),
    ]


def _kept(what, option, records):
    header = [what]
    for name in ("VAE", "PCA"):
        header += [*(f"{name} +{h}" for h in HORIZONS), f"{name}, least"]
    rows = []
    for record in records:
        row = [f"{record['options'][option]:g}"]
        for name in ("vae", "pca"):
            values = record["metrics"][name]
            shown = [*(values[h - 1] for h in HORIZONS), min(values)]
            row += [f"{value:.2f}" for value in shown]
        rows.append(row)
    return table(header, rows)


def _metric(runs, arm, name):
    return {r["seed"]: r["metrics"][name] for r in runs[arm]}


def _extra(runs, arm, name="mean_mpjpe"):
    """Returns an arm's metric minus that of raw chunks, paired by seed."""
    return intervals.paired(
        _metric(runs, arm, name), _metric(runs, arms.RAW, name)
    )


def _scores(runs):
    rows = []
    for arm in runs:
        cells = [
            intervals.of(_metric(runs, arm, name).values()).text(2)
            for name in ("mean_pck", "mean_mpjpe")
        ]
        extras = ["", ""]
        if arm in arms.TRAINED and arm != arms.RAW:
            extras = [
                _extra(runs, arm, name).text(2, sign=True)
                for name in ("mean_pck", "mean_mpjpe")
            ]
        rows.append([_title(runs, arm), *cells, *extras])
    header = ["arm", "mean PCK", "mean error, %"]
    return table([*header, "PCK over raw chunks", "error over them"], rows)


def _split(runs):
    rows = []
    for arm in EMBEDDED:
        reconstruction = _metric(runs, arm, "mean_reconstruction").values()
        extra, decoding, dynamics = _parts(runs, arm)
        rows.append(
            [
                _title(runs, arm),
                intervals.of(reconstruction).text(2),
                *(
                    part.text(2, sign=True)
                    for part in (extra, decoding, dynamics)
                ),
            ]
        )
    header = ["arm", "reconstruction error, %", "extra error"]
    return table([*header, "of it decoding", "of it dynamics"], rows)


def _parts(runs, arm):
    """Returns the extra error, and its parts by decoding and by dynamics."""
    total = _metric(runs, arm, "mean_mpjpe")
    dynamics = _metric(runs, arm, "mean_dynamics")
    raw = _metric(runs, arms.RAW, "mean_mpjpe")
    return (
        intervals.paired(total, raw),
        intervals.paired(total, dynamics),
        intervals.paired(dynamics, raw),
    )


def _motion(runs):
    header = [
        "",
        *(f"motion +{h}" for h in HORIZONS),
        "frozen, %",
        "jitter",
        "limbs, %",
        "ADE / FDE",
        "calibration",
    ]
    rows = []
    for arm in runs:
        for way in WAYS[1:]:
            if way in runs[arm][0]["metrics"]:
                name = f"{_title(runs, arm)}, {way}"
                rows.append([name, *_health(runs, arm, way)])
    return table(header, rows)


def _health(runs, arm, way):
    rows = [record["metrics"][way] for record in runs[arm]]

    def text(name, digits):
        if name not in rows[0]:
            return ""
        return intervals.of(row[name] for row in rows).text(digits)

    return [
        *(_at(runs, arm, way, h).text(2) for h in HORIZONS),
        text("frozen", 1),
        text("jitter", 2),
        text("limb_change", 1),
        f"{text('ade', 2)} / {text('fde', 2)}",
        text("calibration", 2),
    ]


def _at(runs, arm, way, horizon):
    """Returns the motion of an arm at a horizon, over the real one."""
    return intervals.of(
        record["metrics"][way]["lag_energy"][horizon - 1]
        for record in runs[arm]
    )


def _mechanism(runs):
    """Returns the table that takes motion at the last frame apart."""
    header = ["arm", "decoded", "predicted", "sampled", "lost by the latent"]
    header += ["lost by the mean", "ADE", "FDE"]
    rows = []
    for arm in (arms.RAW, *EMBEDDED):
        kept = {"decoded": 1.0}  # Nothing is encoded in raw chunks.
        for way in WAYS:
            if way in runs[arm][0]["metrics"]:
                kept[way] = _at(runs, arm, way, measures.HORIZON).mean
        lost = 1 - kept["decoded"], kept["decoded"] - kept["deterministic"]
        extras = ["", ""]
        if arm != arms.RAW:
            extras = [
                intervals.paired(
                    _of_samples(runs, arm, name),
                    _of_samples(runs, arms.RAW, name),
                ).text(2, sign=True)
                for name in ("ade", "fde")
            ]
        numbers = [f"{value:.2f}" for value in (*kept.values(), *lost)]
        rows.append([_title(runs, arm), *numbers, *extras])
    return [
        fill(__file__, "mechanism", horizon=measures.HORIZON),
        table(header, rows),
    ]


def _of_samples(runs, arm, name):
    return {r["seed"]: r["metrics"]["samples"][name] for r in runs[arm]}


def _range(values):
    """Returns the least and the largest mean, as text."""
    least, most = (f(v.mean for v in values) for f in (min, max))
    return f"{least:.2f} to {most:.2f}"


def _draw(runs, path):
    panels: dict[str, dict] = {}
    titles = ("true, decoded again", "predicted", "sampled")
    for way, title in zip(WAYS, titles, strict=True):
        panels[title] = {}
        for arm in runs:
            if way in runs[arm][0]["metrics"] and arm != arms.ZERO_VELOCITY:
                rows = np.array(
                    [r["metrics"][way]["lag_energy"] for r in runs[arm]]
                )
                panels[title][_title(runs, arm)] = (
                    np.arange(1, rows.shape[1] + 1),
                    rows,
                )
    curves.draw(
        panels,
        path,
        xlabel="frames ahead",
        ylabel="motion over the real one",
        level=1.0,
        limits=(0, None),
    )
