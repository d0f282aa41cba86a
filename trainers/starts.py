"""Starts a model from the weights of a trained one, where they fit.

A weight is taken if the model has one of the same name and shape (see
`serving.weights`). What is not trained (the statistics of the transform, a
frozen VAE) is taken whole or not at all, and only for the same joints. The
layers whose last axis is that of actions take the columns of the actions that
both models know.
"""

import dataclasses

from pose_tf.serving import weights
from pose_tf.trainers import workdir

ABSENT = "not there"


@dataclasses.dataclass(frozen=True)
class Start:
    """Says which weights of a model were taken from another.

    Attributes:
        taken: Names.
        partly: What was taken, by name, of those taken in part.
        not_taken: Reasons why the others were not, by name.
        unused: Names of those that the model has no place for.

    Example:

    >>> start = Start(["convs/0/kernel"], {}, {"head/bias": "not there"}, [])
    >>> print(start.text("runs/a"))
    1 of 2 weights are those of runs/a: convs/0
    Not taken: head (bias: not there)
    """

    taken: list[str]
    partly: dict[str, str]
    not_taken: dict[str, str]
    unused: list[str]

    def text(self, path) -> str:
        """Returns lines that name the layers; `path` is where they come from."""
        count = len(self.taken) + len(self.not_taken)
        divided = {weights.layer_of(name) for name in self.not_taken}
        taken = {
            name: _leaf(name) if weights.layer_of(name) in divided else ""
            for name in self.taken
        }
        given = f"{len(taken)} of {count} weights are those of {path}"
        lines = [f"{given}: {_by_layer(taken | self.partly) or 'none'}"]
        if self.not_taken:
            lines.append(f"Not taken: {_first_of_layers(self.not_taken)}")
        if self.unused:
            unused = _by_layer(dict.fromkeys(self.unused, ""))
            lines.append(f"Not used: {unused}")
        return "\n".join(lines)


def _leaf(name):
    return name.rpartition("/")[2]


def _by_layer(notes):
    """Lists layers of weights, each with what is noted of its weights."""
    layers: dict[str, dict[str, None]] = {}
    for name, note in notes.items():
        noted = layers.setdefault(weights.layer_of(name), {})
        if note:
            noted[note] = None
    return ", ".join(
        f"{layer} ({', '.join(noted)})" if noted else layer
        for layer, noted in layers.items()
    )


def _first_of_layers(notes):
    """Lists layers of weights, each with its first weight and the note of it."""
    first: dict[str, str] = {}
    for name, note in notes.items():
        layer = weights.layer_of(name)
        first.setdefault(layer, f"{layer} ({_leaf(name)}: {note})")
    return ", ".join(first.values())


def begin(training):
    """Starts a trainer's model from the weights of `init_from`, if it has any.

    Prints which layers were taken, and writes it to the run's folder.

    Args:
        training: A `Trainer` with its new model.

    Raises:
        ValueError: If none of the weights that are trained fits.
    """
    if training.pretrained is None:
        return
    path = training.config.init_from
    start = take(training, training.model)
    _check(start, training)
    print(start.text(path), flush=True)
    workdir.write_start(training.workdir, training.pretrained, start)


def take(training, layer, under=""):
    """Puts the weights of `init_from`, if there are any, where they fit.

    Args:
        training: A `Trainer`.
        layer: A built Keras layer: its model, or a part of it.
        under: Name of this part in the whole model.

    Returns:
        A `Start`; None without `init_from`.
    """
    pretrained, clips = training.pretrained, training.clips
    if pretrained is None:
        return None
    given = training.initial_weights(layer)
    columns = _columns(tuple(clips.actions), pretrained.actions)
    prefix = f"{under}/" if under else ""
    named = weights.named(layer)
    variables = {
        prefix + k: v for k, v in named.items() if weights.is_weight(k)
    }
    values, notes = {}, {}
    for name, variable in variables.items():
        values[name], notes[name] = _fitted(
            variable,
            given.get(name),
            columns if _is_under(name, training.per_action) else None,
        )
    for part in _frozen_parts(variables):
        reasons = [notes[name] for name in part if values[name] is None]
        if tuple(clips.skeleton.joints) != pretrained.joints:
            reasons.insert(0, "of other joints")
        for name in part if reasons else ():
            values[name], notes[name] = None, reasons[0]
    taken = [name for name in variables if values[name] is not None]
    for name in taken:
        variables[name].assign(values[name])
    return Start(
        taken,
        partly={name: notes[name] for name in taken if notes[name]},
        not_taken={
            name: notes[name] for name in variables if name not in taken
        },
        unused=[
            name
            for name in given
            if name.startswith(prefix) and name not in variables
        ],
    )


def _check(start, training):
    """Raises a `ValueError` if nothing trained fits but vectors and the head."""
    variables = weights.named(training.model)
    trained = [
        name
        for name, variable in variables.items()
        if variable.trainable
        and len(variable.shape) > 1
        and not _is_under(name, training.per_action)
    ]
    if not set(trained) & set(start.taken):
        reasons = {name: start.not_taken[name] for name in trained}
        raise ValueError(
            "`init_from` must have a matrix that fits one of those that are "
            f"trained. Received: {training.config.init_from}, with none for "
            f"{_first_of_layers(reasons)}"
        )


def _is_under(name, layers):
    return any(name.startswith(f"{layer}/") for layer in layers)


def _columns(ours, theirs):
    """Returns where the common actions are in both; None if all are equal."""
    if ours == theirs:
        return None
    common = [action for action in ours if action in theirs]
    return [ours.index(a) for a in common], [theirs.index(a) for a in common]


def _fitted(variable, value, columns):
    """Returns the values that a variable gets, or None, and a note."""
    if value is None:
        return None, ABSENT
    if columns is not None and value.shape[:-1] == tuple(variable.shape[:-1]):
        here, there = columns
        if not here:
            return None, "of other actions"
        whole = variable.numpy()
        whole[..., here] = value[..., there]
        return whole, f"{len(here)} of {whole.shape[-1]} actions"
    if value.shape != tuple(variable.shape):
        return None, f"{tuple(variable.shape)} here, {value.shape} there"
    return value, ""


def _frozen_parts(variables):
    """Yields the weights of each part of a model in which nothing is trained."""
    trained = [name for name, value in variables.items() if value.trainable]
    parts: dict[str, list[str]] = {}
    for name, variable in variables.items():
        if variable.trainable:
            continue
        steps = name.split("/")
        paths = ("/".join(steps[:n]) for n in range(1, len(steps) + 1))
        part = next(p for p in paths if not _holds(p, trained))
        if part != name:  # Else it belongs to a layer that is trained.
            parts.setdefault(part, []).append(name)
    yield from parts.values()


def _holds(layer, names):
    """Returns whether a layer holds one of these weights."""
    return any(name.startswith(f"{layer}/") for name in names)
