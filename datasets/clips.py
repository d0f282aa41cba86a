"""Describes clips to TFDS: the features that all builders of clips share.

`pose_tf.pose.clip` describes each feature.
"""

import numpy as np
import tensorflow_datasets as tfds


def clip_features(skeleton, actions, views) -> tfds.features.FeaturesDict:
    """Returns the TFDS features of clips.

    `action` and `view` are classes: in prepared datasets they are int64 labels.

    Args:
        skeleton: `Skeleton` of the poses.
        actions: Names of the actions.
        views: Names of the views.
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
