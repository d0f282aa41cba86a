"""Names of weights: the same in every process, and kept in SavedModels."""

import keras
import numpy as np
import pytest

from pose_tf.models import ActionClassifier, PoseFeatures, PoseVAE
from pose_tf.pose.transform import PoseTransform
from pose_tf.serving import saved_model, weights


def classifier(num_actions=3):
    features = PoseFeatures(PoseTransform("penn_action"))
    return ActionClassifier(
        features, num_actions, filters=8, units=8, num_lstms=1
    )


def test_names_do_not_count_what_a_process_has_built_before():
    first, second = classifier(), classifier()
    paths = (
        [v.path for v in first.variables],
        [v.path for v in second.variables],
    )
    assert paths[0] != paths[1]
    assert list(weights.named(first)) == list(weights.named(second))


def test_names_are_the_attributes_that_lead_to_a_weight():
    model = classifier()
    named = weights.named(model)
    assert named["convs/1/kernel"] is model.convs[1].kernel
    assert named["head/bias"] is model.head.bias
    transform = model.features.transform
    assert named["features/transform/mean_pose"] is transform.mean_pose


@pytest.mark.parametrize("make", [classifier, lambda: PoseVAE("coco_17", 4)])
def test_every_variable_has_one_name_and_its_place(make):
    model = make()
    named = weights.named(model)
    assert len(named) == len(model.variables)
    for one, two in zip(named.values(), model.variables, strict=True):
        assert one is two


def test_two_weights_of_one_name_in_a_layer_are_told_apart():
    class Twice(keras.layers.Layer):
        def build(self):
            self.one = self.add_weight(name="scale", shape=(2,))
            self.two = self.add_weight(name="scale", shape=(3,))

    layer = Twice()
    layer.build()
    assert list(weights.named(layer)) == ["scale", "scale_1"]


def test_seeds_of_dropout_are_no_weights():
    names = weights.named(classifier())
    seeds = [name for name in names if not weights.is_weight(name)]
    assert len(seeds) == 4  # Of three layers of dropout and one LSTM cell.
    assert all("seed" in name for name in seeds)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    model = classifier()
    path = tmp_path_factory.mktemp("export") / "saved_model"
    saved_model.export_classifier(model, path, ["bowl", "squat", "sit"])
    return model, path


def test_an_export_gives_every_weight_by_its_name(exported):
    model, path = exported
    values = weights.read(path)
    named = weights.named(model)
    assert list(values) == list(named)
    for name, value in values.items():
        np.testing.assert_array_equal(value, named[name].numpy())


def test_an_export_without_names_is_refused(exported, tmp_path):
    path = exported[1]
    (tmp_path / "assets").mkdir()
    for name in ("kind", "joints"):
        text = (path / "assets" / f"{name}.txt").read_text()
        (tmp_path / "assets" / f"{name}.txt").write_text(text)
    with pytest.raises(ValueError, match=r"assets/weights\.txt.*export it"):
        weights.read(tmp_path)


def test_names_of_fewer_weights_than_there_are_are_refused(exported, tmp_path):
    path = exported[1]
    copy = tmp_path / "copy"
    for file in path.rglob("*"):
        if file.is_file():
            target = copy / file.relative_to(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    asset = copy / "assets" / "weights.txt"
    asset.write_text("".join(asset.read_text().splitlines(True)[1:]))
    with pytest.raises(ValueError, match=r"weights\.txt names \d+ different"):
        weights.read(copy)
    (copy / "variables" / "variables.index").write_bytes(b"no table")
    with pytest.raises(ValueError, match="variables TensorFlow can read"):
        weights.read(copy)
