"""How much the study does: `FULL`, and `QUICK`, which differs in size alone."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """Sizes and settings of all parts.

    Attributes:
        name: As `results.json` tells it.
        seeds: How many seeds each arm has, from 0 on. Each has its own VAE.

        dimensions: Latent dimensions of the embeddings.
        beta: Weight of the rate of the VAEs that tasks use.
        vae_epochs: Of training a VAE.

        reproduction_seeds, reproduction_epochs, reproduction_vae_epochs: Of
            part 1.
        reproduction_dimension: Of its embedding.

        lengths: Frames a window `T`; 0 stands for whole clips.
        classifier_epochs: Passes of a classifier over its crops.
        crops: Random windows of each training clip in an epoch, by length.
        window: Frames that a training crop of a whole clip has.
        stride: Frames between two test windows.
        conv_dim, num_convs, lstm_dim, num_lstms: Of the classifier.

        fractions: Shares of the training clips that are labelled, percent.
        few_dimensions: Latent dimensions in part 3.
        few_steps: Training steps of a classifier, whatever the labels.
        rockets: Whether MiniRocket and MultiRocketHydra run beside.
    """

    name: str
    seeds: int = 5

    # The VAEs of all parts.
    dimensions: tuple[int, ...] = (2, 5, 10, 20, 40, 80, 120, 160)
    beta: float = 0.05
    vae_epochs: int = 20

    # Part 1: reproduction.
    reproduction_seeds: int = 3
    reproduction_epochs: int = 10
    reproduction_vae_epochs: int = 10
    reproduction_dimension: int = 80

    # Part 2: classification.
    lengths: tuple[int, ...] = (1, 5, 15, 30, 0)
    classifier_epochs: int = 40
    crops: tuple[int, ...] = (8, 4, 2, 1, 1)
    window: int = 96
    stride: int = 5
    conv_dim: int = 64
    num_convs: int = 2
    lstm_dim: int = 64
    num_lstms: int = 1

    # Part 3: few labels.
    fractions: tuple[float, ...] = (1, 5, 10, 100)
    few_dimensions: tuple[int, ...] = (20,)
    few_steps: int = 800
    rockets: bool = True


FULL = Plan(name="full")
QUICK = Plan(
    name="quick",
    seeds=2,
    dimensions=(2, 20),
    vae_epochs=2,
    reproduction_seeds=2,
    reproduction_epochs=1,
    reproduction_vae_epochs=1,
    lengths=(1, 0),
    crops=(1, 1),
    classifier_epochs=4,
    fractions=(5, 100),
    few_steps=60,
    rockets=False,
)
