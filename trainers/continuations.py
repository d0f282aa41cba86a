"""Shows in TensorBoard how a generator continues: in pictures, and measured.

The rows of `evaluation.health_table` become runs, so that its columns are
charts in which real people, zero velocity, prediction and samples are lines.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from pose_tf.evaluation import health_table
from pose_tf.trainers import summaries


class Health(summaries.Periodic):
    """Writes the health table, and a chart per column.

    The table goes to the run `validation`, as the text `health`; a value to
    the run `health/<row>`, as the scalar `health/<column>`.

    Args:
        logs: A `summaries.Logs`.
        measure: A function without arguments that gives the rows of
            `health_table`.
        every: Epochs between two tables; the last epoch has one as well.

    Example:

    >>> def measure():
    ...     raise NotImplementedError  # Returns `health_table.measure(...)`.
    >>> logs = summaries.Logs("runs/generator/logs")
    >>> callbacks = [Health(logs, measure, every=3)]
    """

    def __init__(
        self,
        logs: summaries.Logs,
        measure: Callable[[], dict[str, dict]],
        every: int = 1,
    ):
        super().__init__(logs, every)
        self.measure = measure

    def write(self, epoch):
        rows = self.measure()
        for name, row in rows.items():
            with self.logs.writer(f"health/{name}").as_default():
                for column, value in health_table.columns(row).items():
                    if np.isfinite(value):
                        tag = f"health/{column.replace(' ', '_')}"
                        tf.summary.scalar(tag, value, step=epoch)
        with self.logs.writer("validation").as_default():
            tf.summary.text("health", health_table.titled(rows), step=epoch)


def rollout(name, poses, visibility, prediction, samples):
    """Returns a window with its continuations beside it.

    They show the joints that are visible in the last frame observed.

    Args:
        name: Of the picture.
        poses: Float array `(P + H, J, D)`, the truth.
        visibility: Bool array `(P + H, J)`.
        prediction: Float array `(H, J, D)`.
        samples: Float array `(K, H, J, D)`.
    """
    horizon = len(prediction)
    prefix = len(poses) - horizon
    held = np.repeat(visibility[prefix - 1 : prefix], horizon, axis=0)
    held = np.concatenate([visibility[:prefix], held])
    titles = [f"sample {k + 1}" for k in range(len(samples))]
    return summaries.Rollout(
        name=name,
        sequences=[
            (poses, visibility),
            *(
                (np.concatenate([poses[:prefix], future]), held)
                for future in (prediction, *samples)
            ),
        ],
        titles=["truth", "prediction", *titles],
        prefix=prefix,
    )
