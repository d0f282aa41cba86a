"""Principal components: by hand, of few clips, saved."""

import keras
import numpy as np
import pytest
from sklearn import decomposition

from pose_tf.models.principal_components import PrincipalComponents


def features(number, width, seed=0):
    rng = np.random.default_rng(seed)
    scale = 0.8 ** np.arange(width)
    return (rng.normal(size=(number, width)) * scale).astype(np.float32)


def test_two_directions_worked_by_hand():
    layer = PrincipalComponents(2)
    # Variances, of four points: 2 * 9 / 3 = 6 and 2 * 1 / 3.
    layer.adapt([[4, 5], [-2, 5], [1, 6], [1, 4]])
    np.testing.assert_allclose(layer.mean, [1, 5], atol=1e-6)
    np.testing.assert_allclose(layer.directions, np.eye(2), atol=1e-6)
    np.testing.assert_allclose(layer.stddev, [6**0.5, (2 / 3) ** 0.5], 1e-6)
    np.testing.assert_allclose(
        layer(np.float32([[4, 4]])), [[1.224745, -1.224745]], 1e-5
    )


@pytest.mark.parametrize(("number", "width"), [(30, 50), (50, 30)])
def test_the_whitened_components_are_those_of_scikit_learn(number, width):
    given = features(number, width)
    layer = PrincipalComponents(6)
    layer.adapt(given)
    theirs = decomposition.PCA(6, whiten=True).fit_transform(given)
    ours = np.asarray(layer(given))
    signs = np.sign((ours * theirs).sum(0))
    np.testing.assert_allclose(ours, theirs * signs, atol=2e-3)
    np.testing.assert_allclose(ours.var(0, ddof=1), np.ones(6), rtol=1e-3)


def test_components_beyond_those_of_the_features_are_zero():
    given = features(5, 7)
    given[3:] = given[:2]  # Three points span a plane.
    layer = PrincipalComponents(6)
    layer.adapt(given)
    described = np.asarray(layer(given))
    assert np.isfinite(described).all()
    np.testing.assert_array_equal(described[:, 2:], 0)
    assert (described[:, :2].std(0) > 0.5).all()


def test_equal_features_are_refused():
    for given in (np.ones((4, 3)), np.ones((1, 3))):
        with pytest.raises(ValueError, match="`features` must have .* differ"):
            PrincipalComponents(2).adapt(given)


def test_saved_and_loaded_it_gives_the_same(tmp_path):
    layer = PrincipalComponents(3)
    layer.adapt(features(20, 8))
    inputs = keras.Input((8,))
    keras.Model(inputs, layer(inputs)).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded(features(4, 8, 1)), layer(features(4, 8, 1))
    )
