"""Three LSTMs of 128 units over 64 frames, batch 128, beside torch's."""

import keras
import numpy as np
import tensorflow as tf
import torch

from benchmarks.table import Row, best_seconds
from pose_tf.models.classifier import ActionClassifier
from pose_tf.models.features import PoseFeatures
from pose_tf.pose import skeletons
from pose_tf.pose.transform import PoseTransform

BATCH_SIZE, NUM_FRAMES, LSTM_DIM, NUM_LSTMS, NUM_ACTIONS = 128, 64, 128, 3, 15
REPEATS = 20


def _ours(inputs, labels):
    """Our classifier's training step and forward pass, after the features."""
    model = ActionClassifier(
        PoseFeatures(PoseTransform(skeletons.PENN_ACTION.name)),
        NUM_ACTIONS,
        num_convs=0,
        units=LSTM_DIM,
        num_lstms=NUM_LSTMS,
        dropout_rate=0.0,
    )
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(model.trainable_variables)
    weights = [weight.value for weight in model.trainable_variables]
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(True)
    inputs, labels = tf.constant(inputs), tf.constant(labels)

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
        "our step": lambda: step().numpy(),
        "our forward": lambda: forward().numpy(),
    }


def _torch(inputs, labels):
    """The same with torch, in float32."""
    lstm = torch.nn.LSTM(
        inputs.shape[-1], LSTM_DIM, NUM_LSTMS, batch_first=True
    )
    head = torch.nn.Linear(LSTM_DIM, NUM_ACTIONS)
    optimizer = torch.optim.Adam([*lstm.parameters(), *head.parameters()], 1e-3)
    inputs, labels = torch.tensor(inputs), torch.tensor(labels)

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

    return {"torch step": step, "torch forward": forward}


def rows():
    """Milliseconds a step and a forward pass."""
    rng = np.random.default_rng(0)
    width = PoseFeatures(PoseTransform("penn_action")).num_features
    shape = (BATCH_SIZE, NUM_FRAMES, width)
    inputs = rng.standard_normal(shape).astype(np.float32)
    labels = rng.integers(NUM_ACTIONS, size=BATCH_SIZE)
    seconds = best_seconds(
        {**_ours(inputs, labels), **_torch(inputs, labels)}, REPEATS
    )
    return [
        Row(
            what=f"LSTM(128)x3, batch 128, 64 frames: {what}",
            value=f"{1e3 * seconds[f'our {what}']:.0f} ms",
            peer=f"torch {1e3 * seconds[f'torch {what}']:.0f} ms",
            ratio=f"{seconds[f'our {what}'] / seconds[f'torch {what}']:.2f}",
            aim=f"ratio ≤ {aim}",
        )
        for what, aim in (("step", 1.2), ("forward", 1.5))
    ]
