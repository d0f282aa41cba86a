"""The package of models: what it exports, and what every model of it has."""

import inspect
import subprocess
import sys

import keras
import pytest

from pose_tf import models
from pose_tf.models.features import PoseFeatures
from pose_tf.pose.transform import PoseTransform


def test_public_classes_are_exported_and_listed():
    for name in models.__all__:
        assert inspect.isclass(getattr(models, name))
        assert name in dir(models)
    with pytest.raises(AttributeError, match="no attribute 'PoseOracle'"):
        models.PoseOracle  # noqa: B018, it must raise.


def test_importing_the_package_imports_no_tensorflow():
    code = "import sys, pose_tf.models; print('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def small(name):
    """A small model of that class."""
    features = PoseFeatures(PoseTransform("penn_action"))
    if name == "PoseVAE":
        return models.PoseVAE("penn_action", latent_dim=2, hidden_dim=4)
    if name == "ActionClassifier":
        return models.ActionClassifier(features, 3, filters=4, units=4)
    if name == "RecurrentGenerator":
        return models.RecurrentGenerator(features, units=4)
    return models.PoseGenerator(features, 3, units=4, hidden_units=4)


@pytest.mark.parametrize(
    "name",
    ["PoseVAE", "ActionClassifier", "RecurrentGenerator", "PoseGenerator"],
)
def test_every_model_builds_its_weights_once_and_has_a_loss(name, tmp_path):
    model = small(name)
    assert "compute_loss" in vars(type(model))
    assert model.built and model.count_params() > 0
    shapes = [tuple(weight.shape) for weight in model.weights]
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert [tuple(weight.shape) for weight in loaded.weights] == shapes
