"""Two made-up people who do jumping jacks in one picture."""

import numpy as np

from pose_tf.pose import skeletons
from tests.support import standing_figure

FRAME_SIZE = (640, 360)  # Pixels.
NUM_FRAMES = 40
PLACES = ((60, 60), (360, 80))  # Pixels right and down of the standing figure.
NUM_JUMPS = (2, 1)
CONFIDENCE = 0.9
HIDDEN = 0.1  # The confidence of a joint that a detector did not see.


def poses(skeleton=skeletons.COCO_17) -> np.ndarray:
    """Returns the poses `[2, T, J, 2]` of both, pixels, y down."""
    return np.stack(
        [
            standing_figure.jumping_jacks(NUM_FRAMES, jumps, skeleton) + place
            for jumps, place in zip(NUM_JUMPS, PLACES, strict=True)
        ]
    )


def confidence(skeleton=skeletons.COCO_17) -> np.ndarray:
    """Returns confidences `[2, T, J]`; the first one's left knee is hidden."""
    shape = (len(PLACES), NUM_FRAMES, skeleton.num_joints)
    flags = np.full(shape, CONFIDENCE)
    flags[0, :, skeleton.joints.index("left_knee")] = HIDDEN
    return flags


def with_confidence(skeleton=skeletons.COCO_17) -> np.ndarray:
    """Returns x, y and confidence of all joints: `[2, T, J, 3]`."""
    flags = confidence(skeleton)[..., None]
    return np.concatenate([poses(skeleton), flags], -1).round(3)


def box(pose) -> list[float]:
    """Returns the box x1, y1, x2, y2 of a pose `[J, ...]`, pixels."""
    corners = np.concatenate([pose[:, :2].min(0), pose[:, :2].max(0)])
    return corners.round(3).tolist()
