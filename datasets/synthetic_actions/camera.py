"""Films and annotates bodies: from joints in metres to annotated pixels."""

import numpy as np

from pose_tf.datasets.synthetic_actions import body

VIEWS = ("back", "front", "left", "right")  # Where the body faces.
YAWS = {"front": 0.0, "left": -90.0, "back": 180.0, "right": 90.0}  # Degrees.
YAW_RANGE = 15.0  # Degrees to either side of the view.
ELEVATIONS = (-3.0, 15.0)  # Degrees above the horizon.
ROLLS = (-3.0, 3.0)  # Degrees.
DISTANCES = (3.0, 9.0)  # Metres.
FILLS = (0.4, 0.9)  # Share of the frame that the motion takes up.
FRAME_SIZES = (  # Width, height.
    (480, 270),
    (480, 360),
    (360, 480),
    (320, 240),
    (640, 480),
    (480, 480),
)
CROP_RATE = 0.1  # Share of clips in which the body may leave the frame.
CROP = 0.15  # How far it leaves, as a share of the frame.
JITTER = (0.001, 0.004)  # Standard deviation, as a share of the body.
NUM_OCCLUSIONS = 3.0  # Mean number per clip, each of a joint or a limb.
OCCLUSION_SHARE = 0.4  # Longest occlusion, as a share of the clip.
GUESS_NOISE = 0.03  # Of guessed hidden joints, as a share of the body.
BOX_MARGIN = (0.02, 0.12)  # As a share of the body.
OCCLUDED = (  # Joints that are hidden together.
    *((joint,) for joint in range(body.SKELETON.num_joints)),
    *(
        body.SKELETON.indices((f"{side}_{upper}", f"{side}_{lower}"))
        for side in body.SIDES
        for upper, lower in (("elbow", "wrist"), ("knee", "ankle"))
    ),
)


def film(joints, view, rng):
    """Returns a perspective view of a body that fits into the frame.

    Args:
        joints: Float array (T, J, 3), metres, in the body's world frame.
        view: One of `VIEWS`.
        rng: NumPy's generator, for the place and lens of the camera.

    Returns:
        A pair: float array (T, J, 2), pixels, x right and y down from the top
        left corner; and int32 array (2,), width and height of the frame,
        pixels.
    """
    yaw = YAWS[view] + rng.uniform(-YAW_RANGE, YAW_RANGE)
    seen = joints - joints.mean(axis=(0, 1))
    seen = _rotate(seen, (2, 0), yaw)
    seen = _rotate(seen, (1, 2), rng.uniform(*ELEVATIONS))
    seen = _rotate(seen, (0, 1), rng.uniform(*ROLLS))
    depth = rng.uniform(*DISTANCES) - seen[..., 2:]
    image = seen[..., :2] * [1, -1] / np.maximum(depth, 1.0)
    frame_size = np.array(FRAME_SIZES[rng.integers(len(FRAME_SIZES))])
    low, high = image.min(axis=(0, 1)), image.max(axis=(0, 1))
    zoom = rng.uniform(*FILLS) * (frame_size / (high - low)).min()
    room = frame_size - zoom * (high - low)
    corner = room * rng.random(2)
    if rng.random() < CROP_RATE:
        corner += frame_size * rng.uniform(-CROP, CROP, 2)
    poses = corner + zoom * (image - low)
    return poses, frame_size.astype(np.int32)


def annotate(poses, frame_size, rng):
    """Annotates joints as a person might, with jitter and hidden joints.

    Args:
        poses: Float array (T, J, 2), true positions, pixels.
        frame_size: Width and height of the frame (2,), pixels.
        rng: NumPy's generator.

    Returns:
        A dict: `poses` float32 (T, J, 2), pixels, with jitter; invisible joints
        are either all NaN or all bad guesses. `visibility` bool (T, J). `boxes`
        float32 (T, 4), x1 y1 x2 y2, pixels.
    """
    size = np.ptp(poses, axis=1).max()
    noisy = poses + rng.normal(0, size * rng.uniform(*JITTER), poses.shape)
    inside = ((noisy >= 0) & (noisy < frame_size)).all(axis=-1)
    visibility = inside & ~_occlusion(poses.shape[:2], rng)
    guess = noisy + rng.normal(0, size * GUESS_NOISE, poses.shape)
    hidden = guess if rng.random() < 0.5 else np.full_like(guess, np.nan)
    margin = size * rng.uniform(*BOX_MARGIN)
    limits = np.tile(frame_size, 2)
    boxes = np.concatenate(
        [noisy.min(axis=1) - margin, noisy.max(axis=1) + margin], axis=-1
    )
    return {
        "poses": np.where(visibility[..., None], noisy, hidden).astype("f4"),
        "visibility": visibility,
        "boxes": np.clip(boxes, 0, limits).astype("f4"),
    }


def _occlusion(shape, rng):
    """Returns which joints (T, J) are hidden, each for a part of the clip."""
    num_frames, _ = shape
    hidden = np.zeros(shape, bool)
    for _ in range(rng.poisson(NUM_OCCLUSIONS)):
        length = int(rng.uniform(0, OCCLUSION_SHARE) * num_frames) + 1
        start = rng.integers(num_frames - length + 1)
        joints = OCCLUDED[rng.integers(len(OCCLUDED))]
        hidden[start : start + length, joints] = True
    return hidden


def _rotate(points, axes, degrees):
    """Turns points (..., 3) from the first of two axes towards the second."""
    first, second = axes
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turned = points.copy()
    turned[..., first] = cos * points[..., first] - sin * points[..., second]
    turned[..., second] = sin * points[..., first] + cos * points[..., second]
    return turned
