"""Hyperparameters: a frozen dataclass per trainer; see `presets`."""

import dataclasses
import hashlib
import json
from typing import TypeVar

from pose_tf import checks, files
from pose_tf.pose import skeletons

NORMALIZATIONS = ("torso", "frame")
SPLIT_PROTOCOLS = ("official", "validation", "leaky_frames")
GENERATORS = ("recurrent", "chunks")
CHUNK_FRAMES = 5  # Of a `PoseGenerator`.
INPUTS = ("raw", "embedding")
CLASSIFIERS = ("frames", "clip", "stream")
MOTION_ENCODERS = ("random_convolutions", "convolution_lstm")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """Hyperparameters of every trainer.

    >>> TrainingConfig(num_epochs=8).num_epochs
    8

    Attributes:
        dataset: Dataset to train on: `penn_action`, `synthetic_actions` or
            `keypoint_files`, with an optional config and version.
        split_protocol: `official` trains on the whole training split for
            exactly `num_epochs`; `validation` holds some training clips back,
            scores them after every epoch and can stop early (see `patience`);
            `leaky_frames` reproduces a mistake of earlier work.
        skeleton: Name of the skeleton of the clips, such as `penn_action` or
            `coco_17`.
        normalization: `torso` centers poses at the root and divides by the
            torso's length; `frame` divides by the size of the frame, so that
            the SavedModel wants poses stretched to a frame of
            `transform.REFERENCE_SIZE` squared.
        use_occluded: Whether the model sees the guessed positions of hidden
            joints. Annotators guess better than detectors.
        augment: Whether training windows are mirrored, scaled, rotated,
            shifted, jittered and played at other speeds.
        batch_size: Windows per training step; for the VAE, poses per step.
        num_epochs: Largest number of passes over the training clips.
        patience: Epochs without a better validation score after which training
            stops and restores the best weights; 0 never stops early. Needs the
            split protocol `validation`.
        optimizer: Optimizer, `adamw` or `rmsprop`.
        learning_rate: Learning rate at the peak of the schedule.
        schedule: Schedule of the learning rate: `cosine` rises over
            `warmup_steps` and decays to 0, `constant` stays.
        warmup_steps: Steps over which the learning rate rises to its peak.
        clip_norm: Norm to which the gradient is clipped; 0 does not clip.
        weight_decay: Weight decay of AdamW.
        ema_momentum: Momentum of the moving average of the weights, which is
            evaluated and exported; 0 uses the weights themselves.
        checkpoint_steps: Steps between two checkpoints.
        init_from: Workdir of a finished training of the same kind, or a folder
            of `saved_models/`, whose weights are the first ones where they fit.
        deterministic: Whether training gives the same bits every time.
        seed: Seed of Python, NumPy, TensorFlow and the order of the data.
    """

    dataset: str = "penn_action"
    split_protocol: str = "validation"
    skeleton: str = "penn_action"
    normalization: str = "torso"
    use_occluded: bool = False
    augment: bool = True
    batch_size: int = 64
    num_epochs: int = 50
    patience: int = 0
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warmup_steps: int = 100
    clip_norm: float = 1.0
    weight_decay: float = 0.0
    ema_momentum: float = 0.0
    checkpoint_steps: int = 200
    init_from: str = ""
    deterministic: bool = True
    seed: int = 0

    def __post_init__(self):
        checks.numbers(self)
        skeletons.get(self.skeleton)
        if self.patience and self.split_protocol != "validation":
            raise ValueError(
                "`patience` needs the split protocol `validation`. Received: "
                f"{self.patience}, split protocol {self.split_protocol!r}"
            )
        checks.one_of(self, "normalization", NORMALIZATIONS)
        checks.one_of(self, "split_protocol", SPLIT_PROTOCOLS)
        checks.one_of(self, "optimizer", ("adamw", "rmsprop"))
        checks.one_of(self, "schedule", ("cosine", "constant"))
        checks.positive(
            self,
            "batch_size",
            "num_epochs",
            "learning_rate",
            "checkpoint_steps",
        )
        checks.not_negative(
            self,
            "patience",
            "warmup_steps",
            "clip_norm",
            "weight_decay",
            "seed",
        )
        checks.below_one(self, "ema_momentum")


@dataclasses.dataclass(frozen=True, kw_only=True)
class VAEConfig(TrainingConfig):
    """Hyperparameters of `pose_tf.trainers.vae`.

    >>> VAEConfig(latent_dim=8).latent_dim
    8

    Attributes:
        latent_dim: Dimensions of the latent.
        hidden_dim: Units of each hidden layer of encoder and decoder.
        num_layers: Hidden layers of the encoder, and of the decoder.
        beta: Weight of the rate; 1 gives the ELBO, 0 an autoencoder.
        free_bits: Nats per latent dimension below which the rate is free.
        beta_warmup_steps: Steps over which `beta` rises from 0.
    """

    latent_dim: int = 20
    hidden_dim: int = 256
    num_layers: int = 2
    beta: float = 0.05
    free_bits: float = 0.0
    beta_warmup_steps: int = 1000
    batch_size: int = 512
    learning_rate: float = 2e-3
    ema_momentum: float = 0.99
    num_epochs: int = 40

    def __post_init__(self):
        super().__post_init__()
        checks.positive(self, "latent_dim", "hidden_dim", "num_layers")
        checks.not_negative(self, "beta", "free_bits", "beta_warmup_steps")


@dataclasses.dataclass(frozen=True, kw_only=True)
class MotionVAEConfig(TrainingConfig):
    """Hyperparameters of `pose_tf.trainers.motion_vae`.

    >>> MotionVAEConfig(latent_dim=8).latent_dim
    8

    Attributes:
        encoder: Kind of encoder: `random_convolutions`, a linear map of
            principal components of them; or `convolution_lstm`, a network that
            is trained whole.
        latent_dim: Dimensions of the latent.
        num_frames: Frames to which clips are resampled.
        num_features: Features by random convolutions.
        num_components: Principal components of them; the encoder
            `random_convolutions` sees these.
        num_targets: Principal components that the decoder gives.
        num_views: Augmented views of each training clip, an even number.
        beta: Weight of the rate; 0 gives an autoencoder.
        contrastive_weight: Weight of the contrastive term; 0 for none.
        temperature: By which the contrastive term's similarities are divided.
        bank_size: Clips whose projections the contrastive term keeps.
        bank_steps: Steps before it takes neighbours from the bank.
        batch_size: Clips per training step, with two views each.
        num_epochs: Passes over all views of the training clips.
    """

    encoder: str = "random_convolutions"
    latent_dim: int = 64
    num_frames: int = 64
    num_features: int = 9_996
    num_components: int = 512
    num_targets: int = 256
    num_views: int = 24
    beta: float = 0.3
    contrastive_weight: float = 1.0
    temperature: float = 0.25
    bank_size: int = 4096
    bank_steps: int = 300
    batch_size: int = 256
    num_epochs: int = 25

    def __post_init__(self):
        super().__post_init__()
        checks.one_of(self, "encoder", MOTION_ENCODERS)
        checks.positive(
            self,
            "latent_dim",
            "num_components",
            "num_targets",
            "num_views",
            "temperature",
            "bank_size",
        )
        checks.not_negative(self, "beta", "contrastive_weight", "bank_steps")
        checks.at_least(self, "num_frames", 9)
        checks.at_least(self, "num_features", 84)
        if self.num_views % 2:
            raise ValueError(
                "`num_views` must be even: every second view is mirrored. "
                f"Received: {self.num_views}"
            )


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClassifierConfig(TrainingConfig):
    """Hyperparameters of `pose_tf.trainers.classifier`.

    >>> ClassifierConfig(inputs="raw").inputs
    'raw'

    Attributes:
        model: Class: `clip`, a `ClipClassifier` of whole clips; `stream`, a
            `StreamClassifier`, which also takes beginnings of clips, streams
            and recordings of several actions; or `frames`, an
            `ActionClassifier`, which takes streams too, poses embedded by a
            VAE if asked to, and alone has `num_convs`, `num_lstms` and
            `frame_loss_weight`.
        inputs: `raw` poses, or their `embedding` by a trained VAE, for the
            model `frames`.
        vae: Workdir of the trained VAE, if `inputs` is `embedding`.
        fine_tune: Whether the VAE's encoder is trained as well.
        window: Frames of a training window: clips are cut to it for the model
            `frames`, and resampled for the others.
        filters: Channels of each convolution before the LSTMs.
        num_convs: Number of causal convolutions; 0 for none.
        units: Units of each LSTM.
        num_lstms: Number of LSTMs.
        dropout_rate: Dropout rate after each LSTM.
        mixup_alpha: Parameter of mixup's Beta distribution; 0 for no mixup.
        label_smoothing: Share of each label that is spread over all actions.
        frame_loss_weight: Weight of the loss averaged over all frames, which
            teaches early recognition; the loss at the last frame has the rest.
        live_epochs: For the model `stream`, passes over recordings made of the
            training clips, after those over the clips. They teach what is
            under way at each frame.
        num_networks: For the model `clip`, networks that decide together.
        num_features: For the model `clip`, random convolutions whose ridge
            regression decides with them; 0 for none.
        repeat: For the model `clip`, probability that a training clip is played
            to and fro, as if its action were repeated.
    """

    model: str = "frames"
    inputs: str = "embedding"
    vae: str = ""
    fine_tune: bool = False
    window: int = 96
    filters: int = 128
    num_convs: int = 2
    units: int = 128
    num_lstms: int = 2
    dropout_rate: float = 0.4
    mixup_alpha: float = 0.3
    label_smoothing: float = 0.1
    frame_loss_weight: float = 0.5
    live_epochs: int = 120
    num_networks: int = 1
    num_features: int = 0
    repeat: float = 0.15
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    ema_momentum: float = 0.99
    num_epochs: int = 80

    def __post_init__(self):
        super().__post_init__()
        checks.one_of(self, "inputs", INPUTS)
        checks.positive(self, "window", "units", "num_lstms", "live_epochs")
        checks.not_negative(self, "num_convs", "mixup_alpha")
        if self.num_convs:
            checks.positive(self, "filters")
        checks.below_one(self, "dropout_rate", "label_smoothing")
        if not 0 <= self.frame_loss_weight <= 1:
            raise ValueError(
                "`frame_loss_weight` must be at least 0 and at most 1. "
                f"Received: {self.frame_loss_weight!r}"
            )
        checks.one_of(self, "model", CLASSIFIERS)
        checks.classifier(self)


@dataclasses.dataclass(frozen=True, kw_only=True)
class GeneratorConfig(TrainingConfig):
    """Hyperparameters of `pose_tf.trainers.generator`.

    >>> GeneratorConfig(horizon=50).horizon
    50

    Attributes:
        model: Kind: `chunks`, `PoseGenerator`; `recurrent`, `RecurrentGenerator`.
        inputs: `raw` poses, or their `embedding` by a trained VAE.
        vae: Workdir of the trained VAE, if `inputs` is `embedding`.
        fine_tune: Whether the VAE is trained as well.
        windows: `consecutive` frames; or `tprnn`, the horizon spread over the
            rest of the clip, as Chiu et al., 2019, do.
        prefix: Observed frames of a window.
        horizon: Predicted frames that are scored; of `recurrent`, those of a
            training window as well.
        rollout: Predicted frames of a training window of `chunks`.
        long_rollout: Those up to which its samples go on, or 0.
        stride: Frames between the starts of two windows of a clip.
        units: Units of the encoder's and of the decoder's LSTM.
        hidden_units: Units of the dense layers before and after them.
        latent_dim: Size of the latent of a chunk, and of a whole future.
        chunk_dim: Size of the embedding of a chunk's motion, by a VAE that is
            trained first; 0 predicts motion itself.
        chunk_beta: Weight of the rate of that VAE.
        dropout_rate: Dropout rate of the inputs of encoder and decoder.
        residual: Whether the recurrent one predicts velocities, not poses.
        teacher_forcing: Whether it is trained on the true past; otherwise on
            its own predictions.
        nll_weight: Weight of its negative log-likelihood of the next frame.
    """

    model: str = "recurrent"
    inputs: str = "raw"
    vae: str = ""
    fine_tune: bool = False
    windows: str = "consecutive"
    prefix: int = 10
    horizon: int = 30
    rollout: int = 50
    long_rollout: int = 0
    stride: int = 5
    use_occluded: bool = True
    units: int = 320
    hidden_units: int = 384
    latent_dim: int = 16
    chunk_dim: int = 0
    chunk_beta: float = 0.01
    dropout_rate: float = 0.0
    residual: bool = True
    teacher_forcing: bool = False
    nll_weight: float = 0.01
    batch_size: int = 256
    learning_rate: float = 2e-3
    ema_momentum: float = 0.995
    num_epochs: int = 24

    def __post_init__(self):
        super().__post_init__()
        checks.one_of(self, "inputs", INPUTS)
        checks.one_of(self, "model", GENERATORS)
        checks.one_of(self, "windows", ("consecutive", "tprnn"))
        checks.positive(self, "prefix", "horizon", "rollout", "stride")
        checks.positive(self, "units", "hidden_units", "latent_dim")
        numbers = ("nll_weight", "long_rollout", "chunk_dim", "chunk_beta")
        checks.not_negative(self, *numbers)
        checks.below_one(self, "dropout_rate")
        if self.chunk_dim:
            checks.one_of(self, "model", ("chunks",))
        if self.model == "chunks":
            checks.chunks(self, CHUNK_FRAMES)


def digest(config) -> str:
    """Returns a short hash of the class and values of a config."""
    values = [type(config).__name__, dataclasses.asdict(config)]
    text = json.dumps(values, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def save(config, path) -> None:
    """Writes a config as JSON."""
    files.write_json(path, dataclasses.asdict(config))


Config = TypeVar("Config", bound=TrainingConfig)


def load(config_class: type[Config], path) -> Config:
    """Reads a config that `save` wrote.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If the file is damaged, or has unknown fields or invalid
            values; the message names it.
    """
    values = files.read_json(path)
    known = {field.name for field in dataclasses.fields(config_class)}
    if (unknown := set(values) - known) or not values:
        raise ValueError(
            f"{path} must have fields of a {config_class.__name__}. "
            f"Received: {', '.join(sorted(unknown)) or 'none'}"
        )
    try:
        return config_class(**values)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
