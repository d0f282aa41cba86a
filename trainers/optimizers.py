"""Makes optimizers: schedule, weight decay, and averages of the weights."""

import contextlib

import keras

SCHEDULE_END = 0.01  # Of the peak learning rate.


def make_optimizer(config, num_steps):
    """Returns the optimizer of a `TrainingConfig` for `num_steps` steps."""
    rate = config.learning_rate
    if config.schedule == "cosine":
        warmup = min(config.warmup_steps, num_steps // 2)
        rate = keras.optimizers.schedules.CosineDecay(
            rate * SCHEDULE_END,
            max(num_steps - warmup, 1),
            alpha=1.0 if warmup == num_steps else SCHEDULE_END,
            warmup_target=rate,
            warmup_steps=warmup,
        )
    options = {
        "weight_decay": config.weight_decay or None,
        "use_ema": config.ema_momentum > 0,
        "ema_momentum": config.ema_momentum or 0.99,
    }
    if config.optimizer == "rmsprop":
        return keras.optimizers.RMSprop(rate, **options)
    if not config.weight_decay:
        return keras.optimizers.Adam(rate, **options)
    return keras.optimizers.AdamW(rate, **options)


def averaging(model, optimizer):
    """Returns a function that puts averaged weights in their place.

    Args:
        model: A built Keras model.
        optimizer: Its optimizer; without averages the function does nothing.

    Returns:
        A function. What it returns is a context in which the model has its
        averaged weights; called with `keep=True`, it puts them into the model
        for good.
    """
    swap = keras.callbacks.SwapEMAWeights()
    swap.set_model(model)

    @contextlib.contextmanager
    def swapped():
        swap.on_test_begin()
        yield
        swap.on_test_end()

    def average(keep=False):
        if not getattr(optimizer, "use_ema", False):
            return contextlib.nullcontext()
        if keep:
            swap.on_test_begin()
            return contextlib.nullcontext()
        return swapped()

    return average
