"""Times three LSTMs of 128 units over 64 frames, batch 128, next to torch's.

Each side imports its own runtime, in its own process: see `sides`.
"""

import numpy as np

from benchmarks import sides
from benchmarks.table import Row

BATCH_SIZE, NUM_FRAMES, LSTM_DIM, NUM_LSTMS, NUM_ACTIONS = 128, 64, 128, 3, 15
NUM_FEATURES = 43  # Of a pose of 13 joints; `_model` checks it.
NUM_TURNS = 20


def _data():
    """Returns inputs `[batch, frames, features]` and labels `[batch]`."""
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((BATCH_SIZE, NUM_FRAMES, NUM_FEATURES))
    return inputs.astype(np.float32), rng.integers(NUM_ACTIONS, size=BATCH_SIZE)


def _model():
    """Returns our classifier; only what follows its features is timed."""
    from pose_tf.models.classifier import ActionClassifier
    from pose_tf.models.features import PoseFeatures
    from pose_tf.pose.transform import PoseTransform

    features = PoseFeatures(PoseTransform("penn_action"))
    if features.num_features != NUM_FEATURES:
        raise ValueError(
            f"`NUM_FEATURES` must be {features.num_features}, those of a pose. "
            f"Received: {NUM_FEATURES}"
        )
    return ActionClassifier(
        features,
        NUM_ACTIONS,
        num_convs=0,
        units=LSTM_DIM,
        num_lstms=NUM_LSTMS,
        dropout_rate=0.0,
    )


def pose_tf():
    """Returns the measures of our training step and forward pass."""
    import keras
    import tensorflow as tf

    model = _model()
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)
    weights = [weight.value for weight in model.trainable_variables]
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(True)
    inputs, labels = map(tf.constant, _data())

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            logits, _ = model(inputs, training=True)
            loss = cross_entropy(labels, logits[:, -1])
        optimizer.apply(tape.gradient(loss, weights), model.trainable_variables)
        return loss

    @tf.function
    def forward():
        return model(inputs)[0][:, -1]

    return {
        "step": sides.seconds(lambda: step().numpy()),
        "forward": sides.seconds(lambda: forward().numpy()),
    }


def torch():
    """Returns the same measures of torch's LSTMs, in float32."""
    import torch

    lstm = torch.nn.LSTM(NUM_FEATURES, LSTM_DIM, NUM_LSTMS, batch_first=True)
    head = torch.nn.Linear(LSTM_DIM, NUM_ACTIONS)
    optimizer = torch.optim.Adam([*lstm.parameters(), *head.parameters()], 1e-3)
    inputs, labels = map(torch.tensor, _data())

    def step():
        optimizer.zero_grad()
        logits = head(lstm(inputs)[0][:, -1])
        loss = torch.nn.functional.cross_entropy(logits, labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    def forward():
        with torch.no_grad():
            return head(lstm(inputs)[0][:, -1]).numpy()

    return {"step": sides.seconds(step), "forward": sides.seconds(forward)}


def rows():
    """Yields a row per training step and per forward pass, in milliseconds."""
    with sides.both(pose_tf, torch) as (ours, peer):
        for what, aim in (("step", 1.2), ("forward", 1.5)):
            pairs = sides.in_turns(ours, peer, what, NUM_TURNS)
            seconds, peer_seconds = pairs.medians()
            yield Row(
                what=f"LSTM(128)x3, batch 128, 64 frames: {what}",
                value=f"{1e3 * seconds:.0f} ms",
                peer=f"torch {1e3 * peer_seconds:.0f} ms",
                ratio=pairs.ratio(),
                aim=f"ratio ≤ {aim}",
            )
