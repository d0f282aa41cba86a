"""Describes clips to TFDS: the features that all builders of clips share.

`pose_tf.pose.clip` says what each is.
"""

import numpy as np
import tensorflow_datasets as tfds


def clip_features(skeleton, actions, views) -> tfds.features.FeaturesDict:
    """TFDS features of clips of a skeleton, `actions` and `views` as classes.

    Once read, `action` and `view` are therefore int64 labels.
    """
    tensor = tfds.features.Tensor
    pose_shape = (skeleton.num_joints, skeleton.num_coordinates)
    return tfds.features.FeaturesDict(
        {
            "clip_id": tfds.features.Text(),
            "poses": tensor(shape=(None, *pose_shape), dtype=np.float32),
            "visibility": tensor(shape=(None, pose_shape[0]), dtype=np.bool_),
            "boxes": tensor(shape=(None, 4), dtype=np.float32),
            "action": tfds.features.ClassLabel(names=actions),
            "view": tfds.features.ClassLabel(names=views),
            "frame_size": tensor(shape=(2,), dtype=np.int32),
        }
    )
