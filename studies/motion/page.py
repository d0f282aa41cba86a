"""The section of the page on part 7; see `experiment`."""

import pathlib

from studies.embedding.classification.gains import FRONT_DIMENSION
from studies.motion import arms as motion_arms
from studies.motion.arms import HEADS
from studies.motion.heads import PLAIN, SPREAD
from studies.page import curves, intervals
from studies.page.records import by_seed, select, table
from studies.page.templates import fill

PLOT = "motion_dimensions.png"


def section(records, folder) -> str:
    """Returns part 7 and writes its plot to `folder`."""
    arms = motion_arms.Arms(records)
    header = ["", *(f"{share:g} % labelled" for share in arms.shares)]
    parts = [
        fill(
            __file__,
            "introduction",
            draws=arms.num_draws,
            seeds=counted(arms.num_seeds, "seed"),
            num_epochs=arms.num_epochs,
            **arms.sizes,
        ),
        table(header, _rows(arms)),
        fill(__file__, "heads"),
        fill(__file__, "rockets" if arms.rockets() else "no_rockets"),
        fill(__file__, "gains"),
        table(header, _gains(arms)),
    ]
    if len(arms.values("latent_dim")) > 1:
        draw(arms, pathlib.Path(folder) / PLOT)
        parts += [
            fill(
                __file__,
                "dimensions",
                share=f"{arms.few[0]:g}",
                seeds=counted(arms.num_varied, "seed"),
            ),
            table(*_by_dimension(arms)),
        ]
    if len(arms.values("beta")) > 2:  # More than the autoencoder's, and 1.
        parts += [
            fill(__file__, "betas", seeds=counted(arms.num_varied, "seed")),
            table(*_by_beta(arms)),
        ]
    return "\n\n".join([*parts, fill(__file__, "limits")])


def conclusion(records) -> list[str]:
    """Returns what was hoped for, and what the numbers say."""
    arms = motion_arms.Arms(records)
    share = arms.few[0]
    vae = arms.top1(arms.vae, SPREAD, share)
    hoped = fill(
        __file__,
        "hoped",
        share=f"{share:g}",
        top1=_text(vae),
        worst=f"{min(vae.values()):.1f}",
        plain=_text(arms.top1(arms.vae, PLAIN, share)),
        others=_others(records, arms, share),
    )
    return [hoped, *_contributions(arms, share)]


def _contributions(arms, share):
    """Returns what graph, embedding, rate and contrastive term add, in words."""
    ours = arms.vae, SPREAD
    control, options = arms.control(share)
    graph = arms.gain(ours, (arms.vae, PLAIN), share)
    embedding = arms.gain(ours, (options, SPREAD), share)
    pca, rate, contrast = (
        arms.gain(ours, (other, SPREAD), share)
        for other in (arms.pca, arms.without_rate, arms.without_contrast)
    )
    return [
        fill(
            __file__,
            "graph_or_embedding",
            share=f"{share:g}",
            graph=adds(graph),
            embedding=adds(embedding),
            control=control,
            without=_text(arms.top1(options, SPREAD, share)),
            larger="the graph"
            if graph.mean > embedding.mean
            else "the embedding",
        ),
        fill(
            __file__,
            "pca",
            share=f"{share:g}",
            pca=adds(pca),
            rate=adds(rate),
            contrast=adds(contrast),
        ),
    ]


def front_rows(records) -> list[list[str]]:
    """Returns a row of whole clips, embedded as motions."""
    arms = motion_arms.Arms(records)
    share = arms.few[0]
    control, options = arms.control(share)
    pairs = (options, SPREAD), (arms.vae, SPREAD)
    without, vae = (
        _text(arms.top1(other, head, share)) for other, head in pairs
    )
    pca = _text(arms.top1(arms.pca, SPREAD, share))
    others = [
        f"{name} {_text(arms.rocket(name, share))}" for name in arms.rockets()
    ]
    return [
        [
            fill(__file__, "front_row", share=f"{share:g}", control=control),
            without,
            vae,
            arms.gain(pairs[1], pairs[0], share).text(sign=True),
            ", ".join([f"PCA {pca}", *others]),
        ]
    ]


def front_text(records) -> list[str]:
    """Returns what was hoped for, and what graph and embedding add."""
    return conclusion(records)[:2]


def adds(gain) -> str:
    """Returns what a gain in points is, in words, if it is anything."""
    text = f"{gain.text(sign=True)} points"
    if not gain.clear_of_zero:
        return f"adds nothing that the interval can tell from zero ({text})"
    return f"{'adds' if gain.mean > 0 else 'costs'} {text}"


def counted(number, noun) -> str:
    """Returns a number and its noun, in the plural if it is not 1."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _text(values):
    return intervals.of(values.values()).text() if values else ""


def _others(records, arms, share):
    """Returns what other methods reach with as few labels, in words."""
    known = [(name, arms.rocket(name, share)) for name in arms.rockets()]
    for name, options in (
        ("part 3's LSTM on raw poses", {"arm": "raw"}),
        (
            "part 3's LSTM on embedded poses",
            {"arm": "embedding", "latent_dim": FRONT_DIMENSION},
        ),
    ):
        rows = select(
            records,
            "classification",
            length=0,
            labels=share,
            split_protocol="official",
            **options,
        )
        known.append((name, by_seed(rows, "top1")))
    return (
        ", ".join(
            f"{_text(values)} ({name})" for name, values in known if values
        )
        or "not measured"
    )


def _rows(arms):
    rows = []
    for head, label in HEADS.items():
        for name, options in arms.named():
            texts = [
                _text(arms.top1(options, head, share)) for share in arms.shares
            ]
            rows.append([f"{name}, {label}", *texts])
    for name in arms.rockets():
        rows.append(
            [
                f"{name}, mirrored clips too",
                *(_text(arms.rocket(name, share)) for share in arms.shares),
            ]
        )
    return rows


def _gains(arms):
    """Returns a row for what adds something: its gain for each share."""
    rows = []
    for label, ours, theirs in arms.comparisons():
        row = [label]
        for share in arms.shares:
            # With all labels, both heads are the plain one.
            same = share == motion_arms.ALL and ours[0] == theirs[0]
            row.append("" if same else arms.gain(ours, theirs, share).bold())
        rows.append(row)
    for name in arms.rockets():
        row = [f"the VAE, labels spread, over {name}"]
        for share in arms.shares:
            top1 = arms.top1(arms.vae, SPREAD, share)
            rocket = arms.rocket(name, share)
            paired = share < motion_arms.ALL
            row.append(intervals.paired(top1, rocket).bold() if paired else "")
        rows.append(row)
    return rows


def _by_dimension(arms):
    dimensions = arms.values("latent_dim")
    rows = [
        [
            f"{name}, {label}",
            *(_text(_of_dimension(arms, base, head, d)) for d in dimensions),
        ]
        for name, base in (("motion VAE", arms.vae), ("PCA", arms.pca))
        for head, label in HEADS.items()
    ]
    return ["", *map(str, dimensions)], rows


def _of_dimension(arms, base, head, dimension):
    """Returns the top-1 with fewest labels, by draw, over the varied seeds."""
    options = {**base, "latent_dim": dimension}
    return arms.top1(options, head, arms.few[0], arms.num_varied)


def _by_beta(arms):
    betas = arms.values("beta")
    rows = [
        [
            f"{share:g} % labelled, {label}",
            *(
                _text(
                    arms.top1(
                        {**arms.vae, "beta": beta}, head, share, arms.num_varied
                    )
                )
                for beta in betas
            ),
        ]
        for share in arms.few
        for head, label in HEADS.items()
    ]
    return ["", *(f"{beta:g}" for beta in betas)], rows


def draw(arms, path):
    """Plots top-1 over the number of dimensions."""
    dimensions = arms.values("latent_dim")
    panels: dict[str, dict] = {label: {} for label in HEADS.values()}
    for name, base in (("motion VAE", arms.vae), ("PCA", arms.pca)):
        for head, label in HEADS.items():
            by_draw = [
                list(_of_dimension(arms, base, head, d).values())
                for d in dimensions
            ]
            rows = [list(values) for values in zip(*by_draw)]
            panels[label][name] = dimensions, rows
    curves.draw(
        panels, path, xlabel="dimensions", ylabel="top-1 of test clips, %"
    )
