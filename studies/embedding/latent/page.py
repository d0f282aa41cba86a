"""What the page says of the embedding itself; see `embedding`."""

import pathlib

import numpy as np

from studies.embedding.latent import rate_distortion
from studies.page import intervals
from studies.page.records import select, table

OWN = {"preset", "latent_dim", "beta", "num_epochs"}  # Options of these VAEs.
INTRODUCTION = """\
## 4. The embedding itself

VAEs trained on the poses of the official training clips, measured on those of
the test clips. Rate and distortion in nats a pose; the loss is distortion +
beta × rate, so the ELBO, distortion + rate with its sign changed, is what a
VAE with a beta of 1 was trained for. The *bound* is what 64 importance
samples add to the ELBO, on the poses of every eighth clip. Errors are mean
distances of the visible joints in torso lengths; PCA has as many dimensions,
or, where poses have no more, as many as the VAE has active units. ± are 95 %
intervals over seeds.
"""
INTERPOLATIONS = """\
### Between actions

Straight lines through the latent of {latent_dim} dimensions between the
medoid test poses of two actions: the nearest of all {pairs} pairs (an action
without a wholly visible test pose has no medoid), the one in
the middle and the farthest. Midway, the bones measure {latent_limbs:.0f} % of
those at the ends, mean over all pairs; {joints_limbs:.0f} % if each joint
goes straight from one pose to the other. The nearest training pose is then
{latent_nearest:.2f} torso lengths away through the latent and
{joints_nearest:.2f} joint by joint; {ends:.2f} at the ends.
"""
MAP = """\
### A map of two dimensions

Of {poses} test poses, {neighbour:.0f} % have a nearest neighbour on the map
of their own action; dealt at random it would be {chance:.0f} %. Decoded poses
are pale where no test pose lies.
"""


def section(records, folder) -> str:
    """Part 4; one plot, and the pictures that the runs have drawn."""
    vaes = _vaes(records)
    parts = []
    if vaes:
        main = _main_beta(vaes)
        by_dimension = _group(vaes, "latent_dim", beta=main)
        dimension = _main_dimension(vaes)
        by_beta = _group(vaes, "beta", latent_dim=dimension)
        path = pathlib.Path(folder) / "rate_distortion.png"
        rate_distortion.draw(by_dimension, by_beta, main, dimension, path)
        parts += [
            INTRODUCTION,
            f"Beta {main:g}:\n\n" + _table("dimensions", by_dimension),
            f"{dimension} dimensions:\n\n" + _table("beta", by_beta),
            (
                "![Rate and distortion, and reconstruction error beside PCA]"
                "(rate_distortion.png)"
            ),
        ]
    parts += [_map(record) for record in _drawn(records, "map")]
    parts += [_lines(record) for record in _drawn(records, "interpolation")]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def conclusion(records) -> list[str]:
    """The least dimension that beats PCA by half, if there is one."""
    vaes = _vaes(records)
    if not vaes:
        return []
    found = _group(vaes, "latent_dim", beta=_main_beta(vaes))
    shares = {
        dimension: np.mean(rate_distortion.values(group, "mpjpe"))
        / np.mean(rate_distortion.values(group, "pca_mpjpe"))
        for dimension, group in found.items()
    }
    best = min(shares, key=shares.__getitem__)
    units = intervals.of(
        rate_distortion.values(found[max(found)], "active_units")
    )
    return [
        (
            f"Embedding: beside PCA of the same dimension, {best} dimensions gain "
            f"most: their reconstruction error is {100 * shares[best]:.0f} % of "
            f"PCA's. Of {max(found)} dimensions {units.text(0)} are active."
        )
    ]


def _drawn(records, what):
    return select(records, "embedding", what=what)


def _vaes(records):
    """Records of the VAEs of this part: other parts have others."""
    found = select(records, "vae", protocol="official", preset="default")
    return [record for record in found if set(record["options"]) == OWN]


def _main_beta(vaes):
    """The beta of most dimensions."""
    return _commonest(vaes, "beta", "latent_dim")


def _main_dimension(vaes):
    """The dimension of most betas."""
    return _commonest(vaes, "latent_dim", "beta")


def _commonest(vaes, option, other):
    met: dict = {}
    for record in vaes:
        options = record["options"]
        met.setdefault(options[option], set()).add(options[other])
    return max(sorted(met), key=lambda value: len(met[value]))


def _group(vaes, option, **asked):
    """Records with the options asked for, by the value of another, sorted."""
    found: dict = {}
    for record in select(vaes, "vae", **asked):
        found.setdefault(record["options"][option], []).append(record)
    return dict(sorted(found.items()))


def _table(name, groups):
    columns = {
        "rate": ("rate", 1),
        "distortion": ("distortion", 1),
        "ELBO": ("elbo", 1),
        "active units": ("active_units", 1),
        "error": ("mpjpe", 3),
        "PCA's error": ("pca_mpjpe", 3),
    }
    rows = []
    for value, group in groups.items():
        row = {
            title: intervals.of(rate_distortion.values(group, figure)).text(
                digits
            )
            for title, (figure, digits) in columns.items()
        }
        gains = np.subtract(
            rate_distortion.values(group, "bound"),
            rate_distortion.values(group, "bound_elbo"),
        )
        row["bound"] = intervals.of(gains).text(1, sign=True)
        rows.append([f"{value:g}", *row.values()])
    return table([name, *columns, "bound"], rows)


def _map(record):
    figures = record["figures"]
    text = MAP.format(
        poses=figures["num_poses"],
        neighbour=figures["neighbour"],
        chance=figures["chance"],
    )
    picture = figures["picture"]
    return f"{text}\n![Test poses and decoded poses on the map]({picture})"


def _lines(record):
    figures = record["figures"]
    text = INTERPOLATIONS.format(
        latent_dim=record["options"]["latent_dim"],
        pairs=figures["num_pairs"],
        latent_limbs=figures["latent"]["limbs"],
        joints_limbs=figures["joints"]["limbs"],
        latent_nearest=figures["latent"]["nearest"],
        joints_nearest=figures["joints"]["nearest"],
        ends=figures["ends_nearest"],
    )
    shown = figures["shown"]
    titles = [
        " to ".join(name.replace("_", " ") for name in s["actions"])
        for s in shown
    ]
    captions = [
        f"distance {s['distance']:.1f}; bones midway "
        f"{s['limbs']['latent']:.0f} %, joint by joint "
        f"{s['limbs']['joints']:.0f} %"
        for s in shown
    ]
    cells = [f"![{t}]({s['picture']})" for t, s in zip(titles, shown)]
    return f"{text}\n{table(titles, [cells, captions])}"
