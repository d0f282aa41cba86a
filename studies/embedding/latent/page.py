"""The section of the page on part 4; see `experiment`."""

import pathlib

import numpy as np

from studies.embedding.latent import rate_distortion
from studies.page import intervals
from studies.page.records import select, table
from studies.page.templates import fill

PLOT = "rate_distortion.png"
OWN = {"preset", "latent_dim", "beta", "num_epochs"}  # Options of these VAEs.
COLUMNS = {  # Metrics and digits by title.
    "rate": ("rate", 1),
    "distortion": ("distortion", 1),
    "ELBO": ("elbo", 1),
    "active units": ("active_units", 1),
    "error": ("mpjpe", 3),
    "PCA's error": ("pca_mpjpe", 3),
}


def section(records, folder) -> str:
    """Returns part 4; writes one plot, and shows the pictures of the runs."""
    vaes = _vaes(records)
    parts = []
    if vaes:
        beta, dimension = _main_beta(vaes), _main_dimension(vaes)
        by_dimension = _group(vaes, "latent_dim", beta=beta)
        by_beta = _group(vaes, "beta", latent_dim=dimension)
        path = pathlib.Path(folder) / PLOT
        rate_distortion.draw(by_dimension, by_beta, beta, dimension, path)
        parts += [
            fill(__file__, "introduction"),
            fill(__file__, "by_dimension", beta=beta),
            _table("dimensions", by_dimension),
            fill(__file__, "by_beta", dimension=dimension),
            _table("beta", by_beta),
            fill(__file__, "plot"),
        ]
    parts += [_map(record) for record in _runs(records, "map")]
    parts += [_lines(record) for record in _runs(records, "interpolation")]
    return "\n\n".join(parts)


def conclusion(records) -> list[str]:
    """Returns the dimension that gains most over PCA."""
    vaes = _vaes(records)
    if not vaes:
        return []
    groups = _group(vaes, "latent_dim", beta=_main_beta(vaes))
    shares = {
        dimension: np.mean(rate_distortion.values(group, "mpjpe"))
        / np.mean(rate_distortion.values(group, "pca_mpjpe"))
        for dimension, group in groups.items()
    }
    best, largest = min(shares, key=shares.__getitem__), max(groups)
    units = intervals.of(
        rate_distortion.values(groups[largest], "active_units")
    )
    return [
        fill(
            __file__,
            "conclusion",
            best=best,
            share=100 * shares[best],
            largest=largest,
            units=units.text(0),
        )
    ]


def _runs(records, what):
    return select(records, "embedding", what=what)


def _vaes(records):
    """Returns the records of this part's VAEs; other parts have others."""
    vaes = select(records, "vae", split_protocol="official", preset="default")
    return [record for record in vaes if set(record["options"]) == OWN]


def _main_beta(vaes):
    """Returns the beta at which most dimensions were trained."""
    return _commonest(vaes, "beta", "latent_dim")


def _main_dimension(vaes):
    """Returns the dimension at which most betas were trained."""
    return _commonest(vaes, "latent_dim", "beta")


def _commonest(vaes, option, other):
    values: dict = {}
    for record in vaes:
        options = record["options"]
        values.setdefault(options[option], set()).add(options[other])
    return max(sorted(values), key=lambda value: len(values[value]))


def _group(vaes, option, **options):
    """Returns records with some options, by the value of another, sorted."""
    groups: dict = {}
    for record in select(vaes, "vae", **options):
        groups.setdefault(record["options"][option], []).append(record)
    return dict(sorted(groups.items()))


def _table(name, groups):
    rows = []
    for value, group in groups.items():
        cells = [
            intervals.of(rate_distortion.values(group, metric)).text(digits)
            for metric, digits in COLUMNS.values()
        ]
        gains = np.subtract(
            rate_distortion.values(group, "bound"),
            rate_distortion.values(group, "bound_elbo"),
        )
        cells.append(intervals.of(gains).text(1, sign=True))
        rows.append([f"{value:g}", *cells])
    return table([name, *COLUMNS, "bound"], rows)


def _map(record):
    metrics = record["metrics"]
    text = fill(__file__, "map", **metrics)
    picture = metrics["picture"]
    return f"{text}\n\n![Test poses and decoded poses on the map]({picture})"


def _lines(record):
    metrics = record["metrics"]
    text = fill(
        __file__,
        "interpolations",
        latent_dim=record["options"]["latent_dim"],
        **metrics,
    )
    gifs = metrics["shown"]
    titles = [
        " to ".join(name.replace("_", " ") for name in gif["actions"])
        for gif in gifs
    ]
    captions = [fill(__file__, "caption", **gif) for gif in gifs]
    cells = [
        f"![{title}]({gif['picture']})" for title, gif in zip(titles, gifs)
    ]
    return f"{text}\n\n{table(titles, [cells, captions])}"
