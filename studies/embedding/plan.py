"""Sizes of the study: `FULL`, and `QUICK`, which differs in nothing but size."""

import dataclasses


@dataclasses.dataclass(frozen=True, kw_only=True)
class Plan:
    """Sizes and settings of all parts.

    Attributes:
        name: Name of the plan in `results.json`.
        seeds: How many seeds each arm has, from 0 on. Each has its own VAE.

        dimensions: Latent dimensions of the embeddings.
        beta: Weight of the rate of the VAEs that tasks use.
        vae_epochs: Epochs of a VAE.

        reproduction_seeds, reproduction_epochs, reproduction_vae_epochs,
        reproduction_batch_size: Seeds, epochs and batch size of part 1.
        reproduction_every: Integer `n`; only every `n`-th frame is used.
        reproduction_dimension: Latent dimensions in part 1.

        lengths: Frames per window, `T`; 0 means whole clips.
        epochs: Passes of a classifier over all windows, one number per length.
        stride: Frames between the starts of two windows.
        batch_size, clip_batch_size: Windows, or clips, per training step.
        window: Frames that a training crop of a whole clip has.
        filters, num_convs, units, num_lstms: Sizes of the classifier.

        fractions: Shares of the training clips that are labelled, percent.
        few_seeds: Number of draws of labels, by seeds from 0 on.
        few_dimensions: Latent dimensions in part 3.
        rockets: Whether MiniRocket and MultiRocketHydra run, too.

        betas, beta_dimension, beta_seeds: Weights of the rate that are
            compared in part 4, at this latent dimension, over seeds.

        generation_seeds, next_frame_seeds: Numbers of seeds in part 5.
        generation_dimensions: Latent dimensions in part 5.
        generator_dim: Units of a generator's encoder and decoder.
        generator_epochs, generator_stride: Passes over the training windows
            of long rollouts, and frames between two of them.
        skips: Integers `n`; the next frame is predicted with every `n`-th
            frame kept.
        pose_dimensions: Latent dimensions of generators of the next frame
            that predict poses, as the original's did, and not velocities.
        next_frame_epochs, next_frame_stride: As above, for the next frame.

        gallery_dimension: Latent dimensions in part 6.

        motion_seeds, motion_draws: Seeds of the embeddings of motions in part
            7, and draws of labelled clips for each.
        motion_features, motion_components, motion_views, motion_epochs: Sizes
            and epochs of the motion VAE, as in `MotionVAEConfig`.
        motion_dimension, motion_beta, motion_contrastive_weight: Its latent
            dimensions and the weights of its loss.
        motion_dimensions, motion_betas, motion_varied_seeds: Latent
            dimensions and weights of the rate that are compared, over seeds.
        motion_rockets: Which of aeon's classifiers run, too.

        jhmdb_splits, jhmdb_seeds: Splits of JHMDB-14 in part 8, and seeds of
            the embeddings in each.
        jhmdb_labels, jhmdb_draws: Labelled clips per action, 100 for all; and
            draws of them.
        jhmdb_epochs: Epochs of its motion VAEs: of fewer clips, so that they
            take as many steps as those of part 7.
        jhmdb_rockets: Which of aeon's classifiers run, too.

        continuation_seeds: Seeds in part 9.
        continuation_dimension, continuation_vae_epochs: Latent dimensions of
            embedded poses, and epochs of their VAEs.
        continuation_units, continuation_epochs, continuation_batch_size,
            continuation_rollout, continuation_stride: Units of the generators,
            their epochs and batch size, predicted frames of their training
            windows, and frames between two of them.
        continuation_samples: Futures of each test window.
        continuation_test_stride: Frames between two test windows over which
            motion is measured.
        chunk_dimension, chunk_beta: Latent dimensions of embedded chunks, and
            weight of the rate of their VAE.
        chunk_dimensions, chunk_betas: Those that are compared.
    """

    name: str
    seeds: int = 5

    # The VAEs of all parts.
    dimensions: tuple[int, ...] = (2, 5, 10, 20, 40, 80, 120, 160)
    beta: float = 0.05
    vae_epochs: int = 20

    # Part 1: reproduction.
    reproduction_seeds: int = 3
    reproduction_epochs: int = 6
    reproduction_vae_epochs: int = 4
    reproduction_batch_size: int = 128
    reproduction_every: int = 1
    reproduction_dimension: int = 80

    # Part 2: classification.
    lengths: tuple[int, ...] = (1, 5, 15, 30, 0)
    epochs: tuple[int, ...] = (20, 15, 12, 8, 32)
    stride: int = 5
    batch_size: int = 256
    clip_batch_size: int = 64
    window: int = 64
    filters: int = 64
    num_convs: int = 2
    units: int = 64
    num_lstms: int = 1

    # Part 3: few labels.
    fractions: tuple[float, ...] = (1, 5, 10, 100)
    few_seeds: int = 5
    few_dimensions: tuple[int, ...] = (20,)
    rockets: bool = True

    # Part 4: the embedding itself.
    betas: tuple[float, ...] = (0.01, 0.05, 0.25, 1.0)
    beta_dimension: int = 20
    beta_seeds: int = 3

    # Parts 5 and 6: generation and its gallery.
    generation_seeds: int = 5
    next_frame_seeds: int = 3
    generation_dimensions: tuple[int, ...] = (5, 20, 80)
    generator_dim: int = 192
    generator_epochs: int = 24
    generator_stride: int = 5
    skips: tuple[int, ...] = (1, 2, 4)
    pose_dimensions: tuple[int, ...] = (20,)
    next_frame_epochs: int = 6
    next_frame_stride: int = 2
    gallery_dimension: int = 20

    # Part 7: motions.
    motion_seeds: int = 3
    motion_draws: int = 10
    motion_features: int = 9_996
    motion_components: int = 512
    motion_views: int = 12
    motion_epochs: int = 30
    motion_dimension: int = 64
    motion_beta: float = 0.3
    motion_contrastive_weight: float = 1.0
    motion_dimensions: tuple[int, ...] = (8, 16, 32, 64, 128)
    motion_betas: tuple[float, ...] = (0.0, 0.03, 0.3, 1.0)
    motion_varied_seeds: int = 3
    motion_rockets: tuple[str, ...] = ("MiniRocket", "MultiRocketHydra")

    # Part 8: JHMDB-14.
    jhmdb_splits: tuple[int, ...] = (1, 2, 3)
    jhmdb_seeds: int = 1
    jhmdb_labels: tuple[int, ...] = (1, 2, 5, 100)
    jhmdb_draws: int = 5
    jhmdb_epochs: int = 87
    jhmdb_rockets: tuple[str, ...] = ("MiniRocket",)

    # Part 9: continuations.
    continuation_seeds: int = 3
    continuation_dimension: int = 20
    continuation_vae_epochs: int = 10
    continuation_units: int = 192
    continuation_epochs: int = 3
    continuation_batch_size: int = 64
    continuation_rollout: int = 25
    continuation_stride: int = 5
    continuation_samples: int = 5
    continuation_test_stride: int = 10
    chunk_dimension: int = 32
    chunk_beta: float = 0.01
    chunk_dimensions: tuple[int, ...] = (2, 4, 8, 16, 32)
    chunk_betas: tuple[float, ...] = (0.01, 0.1, 1.0)

    def epochs_of(self, length) -> int:
        """Returns the epochs of a classifier of windows of `length` frames."""
        return dict(zip(self.lengths, self.epochs, strict=True))[length]

    def batch_of(self, length) -> int:
        """Returns windows, or clips if `length` is 0, per training step."""
        return self.batch_size if length else self.clip_batch_size


FULL = Plan(name="full")
QUICK = Plan(
    name="quick",
    seeds=2,
    dimensions=(2, 20),
    vae_epochs=1,
    reproduction_seeds=1,
    reproduction_epochs=1,
    reproduction_vae_epochs=1,
    reproduction_every=40,
    lengths=(1, 0),
    epochs=(1, 1),
    stride=60,
    fractions=(5, 100),
    few_seeds=2,
    rockets=False,
    betas=(0.05, 1.0),
    beta_seeds=1,
    generation_seeds=2,
    next_frame_seeds=1,
    generation_dimensions=(20,),
    generator_dim=64,
    generator_epochs=1,
    skips=(1,),
    pose_dimensions=(),
    next_frame_epochs=1,
    next_frame_stride=20,
    motion_seeds=1,
    motion_draws=2,
    motion_features=840,
    motion_components=64,
    motion_views=4,
    motion_epochs=2,
    motion_dimension=16,
    motion_dimensions=(8, 16),
    motion_betas=(0.0, 0.3),
    motion_varied_seeds=1,
    motion_rockets=(),
    jhmdb_splits=(1,),
    jhmdb_labels=(1, 100),
    jhmdb_draws=2,
    jhmdb_epochs=2,
    jhmdb_rockets=(),
    continuation_seeds=1,
    continuation_vae_epochs=1,
    continuation_units=16,
    continuation_epochs=1,
    continuation_rollout=10,
    continuation_stride=60,
    continuation_samples=2,
    continuation_test_stride=100,
    chunk_dimension=8,
    chunk_dimensions=(8,),
    chunk_betas=(0.01,),
)
PLANS = {plan.name: plan for plan in (FULL, QUICK)}
