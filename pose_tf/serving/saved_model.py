"""Writes models as SavedModels that `tf.saved_model.load` alone can run.

Every endpoint is a signature of its own, with named inputs and outputs:

    vae         embed, embed_clip, decode, reconstruct, sample
    motion_vae  embed_motion
    classifier  classify; a causal one also initial_state, classify_step and,
                unless it is of the model `frames`, classify_frames
    generator   generate, initial_state, generate_step

They take raw pixels, hold the transform and guard themselves (`guards`).
`assets/kind.txt` names the kind; `assets/joints.txt` and, for classifiers,
`assets/actions.txt` name what the axes mean, one name per line, and
`assets/weights.txt` the weights (see `weights`), for trainings that start from
them.
"""

import tensorflow as tf

from pose_tf import files, novelty
from pose_tf.serving import guards, weights

INT = tf.int32
FLOAT = tf.float32
# Training clips that a classifier's novelty is measured by. Chosen on actions
# left out of the split `validation`: the nearest one says most.
MAX_REFERENCES, NUM_NEIGHBORS = 4096, 1


def export_vae(model, path) -> None:
    """Writes the SavedModel of a `PoseVAE` to the folder `path`.

    Raises:
        OSError: If it cannot be written; nothing is left at `path` then.
    """

    def embed(poses, visibility):
        return guards.answer(model.embed, poses, visibility)

    def embed_clip(poses, visibility):
        return guards.answer(model.embed_clip, poses, visibility)

    def reconstruct(poses, visibility):
        return guards.answer(model.reconstruct, poses, visibility)

    def decode(z, root, scale):
        return model.decode(*guards.latents(z, root, scale))

    def sample(num_samples, seed):
        return model.sample(guards.count("num_samples", num_samples), seed)

    clip = _clip_specs(model.skeleton)
    root = _spec((None, None, model.skeleton.num_coordinates), "root")
    latent = _spec((None, None, model.latent_dim), "z")
    scale = _spec(None, "scale")  # Per clip or per frame.
    count, seed = _spec((), "num_samples", INT), _spec((2,), "seed", INT)
    functions = {
        "embed": (embed, clip),
        "embed_clip": (embed_clip, clip),
        "decode": (decode, [latent, root, scale]),
        "reconstruct": (reconstruct, clip),
        "sample": (sample, [count, seed]),
    }
    _write(model, path, "vae", functions, model.skeleton)


def export_motion_vae(embedder, path) -> None:
    """Writes the SavedModel of a `MotionEmbedder` to the folder `path`.

    Raises:
        OSError: If it cannot be written; nothing is left at `path` then.
    """

    def embed_motion(poses, visibility, num_frames):
        return guards.answer(
            lambda *clip: embedder.embed_motion(*clip, num_frames),
            poses,
            visibility,
            num_frames,
        )

    num_frames = _spec((None,), "num_frames", INT)
    specs = [*_clip_specs(embedder.skeleton), num_frames]
    functions = {"embed_motion": (embed_motion, specs)}
    _write(embedder, path, "motion_vae", functions, embedder.skeleton)


def export_classifier(model, path, actions, embeddings=None) -> None:
    """Writes the SavedModel of a classifier to the folder `path`.

    Args:
        model: A `ClipClassifier`; or a `StreamClassifier` or an
            `ActionClassifier`, whose SavedModels take streams as well.
        path: Folder to write.
        actions: Names of its classes, in order.
        embeddings: Float array `(N, E)`, what `classify` of a `ClipClassifier`
            gives as `embedding` of the training clips; with it, `classify` of
            the SavedModel gives `novelty` `(B,)` as well.

    Raises:
        ValueError: If there are not as many names as classes.
        OSError: If it cannot be written; nothing is left at `path` then.
    """
    if len(actions) != model.num_actions:
        raise ValueError(
            f"`actions` must name {model.num_actions} classes. "
            f"Received: {len(actions)} names"
        )

    measure = None if embeddings is None else novelty_of(embeddings)

    def classify(poses, visibility, num_frames):
        given = model.classify(poses, visibility, num_frames)
        outputs = {"probabilities": given["probabilities"]}
        if measure:
            outputs["novelty"] = measure(given["embedding"])
        return outputs

    num_frames = _spec((None,), "num_frames", INT)
    specs = [*_clip_specs(model.skeleton), num_frames]
    functions = {"classify": (_guarded(classify), specs)}
    if hasattr(model, "classify_frames"):
        frames = _guarded(model.classify_frames)
        functions["classify_frames"] = (frames, specs)
    if hasattr(model, "stream_step"):
        functions |= _stream("classify_step", model, model.skeleton)
    _write(
        model, path, "classifier", functions, model.skeleton, actions, measure
    )


def _guarded(function):
    """Returns a function of clips with `num_frames` that guards itself."""

    def guarded(poses, visibility, num_frames):
        return guards.answer(
            lambda *clip: function(*clip, num_frames),
            poses,
            visibility,
            num_frames,
        )

    return guarded


def novelty_of(embeddings):
    """Returns the `novelty.Novelty` of a classifier's export.

    Args:
        embeddings: As for `export_classifier`.
    """
    return novelty.Novelty(
        embeddings, most=MAX_REFERENCES, num_neighbors=NUM_NEIGHBORS
    )


def export_generator(model, path, actions=()) -> None:
    """Writes the SavedModel of a generator to the folder `path`.

    Args:
        model: A `PoseGenerator` or a `RecurrentGenerator`.
        path: Folder to write.
        actions: Names of the actions that a `PoseGenerator` can go on with, in
            order. Without any, it has no endpoint `generate_action`.

    Raises:
        OSError: If it cannot be written; nothing is left at `path` then.
    """

    def answer(poses, visibility, options, **action):
        horizon, num_samples, temperature, seed = options
        options = (
            guards.count("horizon", horizon),
            guards.count("num_samples", num_samples),
            guards.temperature(temperature),
            seed,
        )
        return guards.answer(
            lambda *clip: model.generate(*clip, *options, **action),
            poses,
            visibility,
        )

    def generate(poses, visibility, *options):
        return answer(poses, visibility, options)

    def generate_action(poses, visibility, action, *options):
        action = guards.action(action, tf.shape(poses)[0], len(actions))
        return answer(poses, visibility, options, action=action)

    clip = _clip_specs(model.skeleton)
    options = [
        _spec((), "horizon", INT),
        _spec((), "num_samples", INT),
        _spec((), "temperature"),
        _spec((2,), "seed", INT),
    ]
    functions: dict = {
        "generate": (generate, [*clip, *options]),
        **_stream("generate_step", model, model.skeleton),
    }
    if actions and hasattr(model, "num_actions"):
        action = _spec((None,), "action", INT)
        functions["generate_action"] = (
            generate_action,
            [*clip, action, *options],
        )
    _write(model, path, "generator", functions, model.skeleton, actions)


def _stream(name, model, skeleton):
    """The endpoints of a stream; the state's tensors go in and out by name."""
    joints, coordinates = skeleton.num_joints, skeleton.num_coordinates
    state = {
        key: _spec((None, *value.shape[1:]), key, value.dtype)
        for key, value in model.stream_state(1).items()
    }
    pose = _spec((None, joints, coordinates), "pose")
    visibility = _spec((None, joints), "visibility", tf.bool)

    def initial_state(batch_size):
        return model.stream_state(guards.count("batch_size", batch_size))

    def step(pose, visibility, **state):
        return guards.answer_step(
            model.stream_step, model.stream_started, pose, visibility, state
        )

    return {
        "initial_state": (initial_state, [_spec((), "batch_size", INT)]),
        name: (step, [pose, visibility], state),
    }


def _clip_specs(skeleton):
    joints, coordinates = skeleton.num_joints, skeleton.num_coordinates
    return [
        _spec((None, None, joints, coordinates), "poses"),
        _spec((None, None, joints), "visibility", tf.bool),
    ]


def _spec(shape, name, dtype=FLOAT):
    return tf.TensorSpec(shape, dtype, name)


def _write(model, path, kind, functions, skeleton, actions=(), measure=None):
    named = weights.named(model)
    variables = [variable.value for variable in named.values()]
    names = list(named)
    if measure:
        variables += [measure.references, measure.distances]
        names += [f"{weights.NOVELTY}/{x}" for x in ("references", "distances")]

    def finish(folder):
        asset = folder / "assets" / f"{weights.ASSET}.txt"
        asset.write_text(_lines(names), "utf-8")

    write(path, kind, functions, variables, skeleton.joints, actions, finish)


def write(
    path,
    kind,
    functions,
    variables,
    joints,
    actions=(),
    finish=lambda folder: None,
) -> None:
    """Writes functions as a SavedModel; what was at `path` is replaced.

    Args:
        path: Folder to write.
        kind: One word for `assets/kind.txt`.
        functions: Dict of endpoints: the function, the `tf.TensorSpec`s of its
            arguments and, if it takes any by name only, a dict of theirs.
        variables: What the functions read.
        joints: Names for `assets/joints.txt`.
        actions: Names for `assets/actions.txt`, if there are any.
        finish: Function of the folder that writes more into it, before it gets
            its name.

    Raises:
        OSError: If it cannot be written; what was at `path` stays then.
    """
    module = tf.Module()
    # What the graphs read must be tracked, or the SavedModel lacks it.
    module.variables_held = list(variables)
    signatures = {}
    for name, (function, specs, *keywords) in functions.items():
        signatures[name] = tf.function(
            function, autograph=False
        ).get_concrete_function(*specs, **(keywords[0] if keywords else {}))
    with files.writing(path) as aside:
        try:
            tf.saved_model.save(module, str(aside), signatures=signatures)
        except tf.errors.OpError as error:  # It is no OSError in TensorFlow.
            raise OSError(
                f"{path} must be a place that can be written to, on a disk "
                f"with space left. Received: {error}"
            ) from error
        assets = aside / "assets"
        assets.mkdir(exist_ok=True)
        (assets / "kind.txt").write_text(_lines([kind]), "utf-8")
        (assets / "joints.txt").write_text(_lines(joints), "utf-8")
        if actions:
            (assets / "actions.txt").write_text(_lines(actions), "utf-8")
        finish(aside)


def _lines(names):
    return "".join(f"{name}\n" for name in names)
