"""Names of a model's weights, which a SavedModel keeps beside their values.

Keras's own paths count the layers of a process (`dense_17/kernel`), and so
differ from one to the next. These are the attributes that lead to a weight,
`convs/0/kernel`: the same in every process, for every size of the model.
"""

import itertools

import keras
import tensorflow as tf

from pose_tf.serving import assets

ASSET = "weights"
# Among the variables of a SavedModel, but not weights: dropout's seeds, and what
# novelty is measured by.
_SEED_STATE = "seed_generator_state"
NOVELTY = "novelty"
_KERAS_LISTS = ("_layers", "_operations", "_functional", "_seed_generators")
_HELD = "variables_held"
_KEY = "{held}/{number}/.ATTRIBUTES/VARIABLE_VALUE"


def named(model) -> dict[str, keras.Variable]:
    """Returns the variables of a Keras model or layer by name, in its order.

    Args:
        model: A built `keras.Model` or `keras.Layer`. A weight that several
            attributes lead to has the name of the first.

    Example:

    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    >>> list(named(model))
    ['layers/1/kernel', 'layers/1/bias']
    """
    names: dict[int, str] = {}
    _walk(model, "", names, set())
    return {names[id(variable)]: variable for variable in model.variables}


def is_weight(name) -> bool:
    """Returns whether a variable is a weight of a model."""
    return not (name.endswith(_SEED_STATE) or name.startswith(f"{NOVELTY}/"))


def layer_of(name) -> str:
    """Returns the name of the layer of a weight, `convs/0` of its kernel."""
    return name.rpartition("/")[0] or name


def read(path) -> dict:
    """Reads the weights of a SavedModel, arrays by name.

    Args:
        path: Folder of the SavedModel.

    Raises:
        ValueError: If it does not name its weights, or not all of them.
    """
    if not (path / "assets" / f"{ASSET}.txt").is_file():
        raise ValueError(
            "`path` must hold a SavedModel with assets/weights.txt, which "
            f"today's exports have: export it again. Received: {path}"
        )
    try:
        reader = tf.train.load_checkpoint(str(path / "variables/variables"))
        keys = reader.get_variable_to_shape_map()
        count = sum(key.startswith(f"{_HELD}/") for key in keys)
        names = assets.names(path, ASSET, count)
        return {
            name: reader.get_tensor(_KEY.format(held=_HELD, number=number))
            for number, name in enumerate(names)
        }
    except (tf.errors.OpError, RuntimeError) as error:
        raise ValueError(
            "`path` must hold a SavedModel whose variables TensorFlow can read. "
            f"Received: {path}, with {error}"
        ) from error


def _walk(node, prefix, names, visited):
    """Names the variables of a layer: its sublayers' first, then its own."""
    visited.add(id(node))
    for name, child in _children(node):
        if id(child) not in visited:
            _walk(child, f"{prefix}{name}/", names, visited)
    if isinstance(node, keras.random.SeedGenerator):
        variables = [node.state]
    else:
        variables = node.variables
    for variable in variables:
        if id(variable) not in names:
            names[id(variable)] = _unused(prefix + variable.name, names)


def _unused(name, names):
    """Returns a name that no variable has yet, `kernel_1` for a second kernel."""
    taken = set(names.values())
    numbered = (f"{name}_{number}" for number in itertools.count(1))
    return next(n for n in itertools.chain([name], numbered) if n not in taken)


def _children(node):
    """Yields the layers and seed generators that attributes lead to."""
    kinds = (keras.Layer, keras.random.SeedGenerator)
    for attribute, value in sorted(vars(node).items(), key=_rank):
        name = attribute.strip("_")
        if isinstance(value, kinds):
            yield name, value
            continue
        items = dict(value) if isinstance(value, dict) else {}
        if isinstance(value, (list, tuple)):
            items = dict(enumerate(value))
        for key, item in items.items():
            if isinstance(item, kinds):
                yield f"{name}/{key}", item


def _rank(attribute):
    """Public attributes give the best names; Keras's own lists the worst."""
    name, _ = attribute
    if name in _KERAS_LISTS:
        return 2 + _KERAS_LISTS.index(name)
    if name.startswith("_self_"):  # TensorFlow's.
        return 2 + len(_KERAS_LISTS)
    return int(name.startswith("_"))
