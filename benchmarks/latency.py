"""Times one clip, or one frame of a stream, through an exported model.

The models have default presets and random weights, which cost the same. The
peer is torch's LSTMs of the same sizes with a linear layer on top: only the
recurrent part of what ours do, from embedded poses on; of `generate`, the encoder
and all layers of every chunk. Each side imports its own runtime, in its own process,
and serves one request at a time. A second peer of the generator is the preset
`recurrent`, which goes on frame by frame. A frame of a stream of several people,
through `pose_tf.load`, has no peer.
"""

import pathlib
import tempfile

import numpy as np

from benchmarks import sides
from benchmarks.table import Row

SKELETON, NUM_JOINTS = "penn_action", 13
NUM_ACTIONS = 15
NUM_FRAMES = 56  # The median clip of Penn Action.
NUM_TURNS, CALLS_PER_TURN = 10, 30

CLASSIFY = f"`classify`, one clip of {NUM_FRAMES} frames"
CLASSIFY_STEP = "`classify_step`, one frame"
GENERATE_STEP = "`generate_step`, one frame"
PREFIX, HORIZON, CHUNK = 10, 30, 5
NUM_INPUTS = 69  # Of the generator's encoder, per frame.
FUTURES = {
    number: f"`generate`, {HORIZON} frames, {number} at once"
    for number in (1, 20)
}
RECURRENT = "recurrent: "  # Before what that preset does.
NUM_PEOPLE = 4
PEOPLE_STEP = f"`stream().step`, one frame of {NUM_PEOPLE} people"


def _export(folder):
    """Exports classifiers of embeddings and of streams, and a generator."""
    from pose_tf import presets
    from pose_tf.models.classifier import ActionClassifier
    from pose_tf.models.features import PoseFeatures
    from pose_tf.models.motion_features import MotionFeatures
    from pose_tf.models.stream_classifier import StreamClassifier
    from pose_tf.models.vae import PoseVAE
    from pose_tf.serving import saved_model

    config = presets.get("vae", "default")
    vae = PoseVAE(
        SKELETON, config.latent_dim, config.hidden_dim, config.num_layers
    )
    config = presets.get("classifier", "frames")
    classifier = ActionClassifier(
        PoseFeatures(vae=vae),
        NUM_ACTIONS,
        filters=config.filters,
        num_convs=config.num_convs,
        units=config.units,
        num_lstms=config.num_lstms,
    )
    names = [f"action {k}" for k in range(NUM_ACTIONS)]
    saved_model.export_classifier(classifier, folder / "classifier", names)
    streams = StreamClassifier(MotionFeatures(SKELETON), NUM_ACTIONS)
    saved_model.export_classifier(streams, folder / "streams", names)
    _export_generators(folder, names)


def _export_generators(folder, names):
    """Exports the generators of the presets `default` and `recurrent`."""
    from pose_tf import presets
    from pose_tf.models.features import PoseFeatures
    from pose_tf.models.generator import PoseGenerator
    from pose_tf.models.recurrent_generator import RecurrentGenerator
    from pose_tf.pose.transform import PoseTransform
    from pose_tf.serving import saved_model

    config = presets.get("generator", "default")
    generator = PoseGenerator(
        PoseFeatures(PoseTransform(SKELETON)),
        NUM_ACTIONS,
        config.units,
        config.hidden_units,
        config.latent_dim,
    )
    assert generator.num_inputs == NUM_INPUTS
    saved_model.export_generator(generator, folder / "generator", names)
    recurrent = RecurrentGenerator(
        PoseFeatures(PoseTransform(SKELETON)),
        presets.get("generator", "recurrent").units,
    )
    saved_model.export_generator(recurrent, folder / "recurrent", names)


def _classify(saved, poses, visibility):
    """Returns a function that classifies a clip."""
    import tensorflow as tf

    signature = saved.signatures["classify"]
    num_frames = tf.constant([NUM_FRAMES])
    return lambda: signature(
        poses=poses, visibility=visibility, num_frames=num_frames
    )["probabilities"].numpy()


def _step(saved, endpoint, output, poses, visibility):
    """Returns a function that advances a stream by one frame."""
    import tensorflow as tf

    signature = saved.signatures[endpoint]
    start = saved.signatures["initial_state"](batch_size=tf.constant(1))
    frame = {"pose": poses[:, 0], "visibility": visibility[:, 0]}
    return lambda: signature(**{**start, **frame})[output].numpy()


def _generate(saved, num_samples, poses, visibility):
    """Returns a function that continues a prefix."""
    import tensorflow as tf

    arguments = {
        "poses": poses[:, :PREFIX],
        "visibility": visibility[:, :PREFIX],
        "horizon": tf.constant(HORIZON),
        "num_samples": tf.constant(num_samples),
        "temperature": tf.constant(1.0),
        "seed": tf.constant([0, 0]),
    }
    signature = saved.signatures["generate"]
    return lambda: signature(**arguments)["poses"].numpy()


def _people_step(model, poses):
    """Returns a function that advances a stream of people by one frame."""
    stream = model.stream()
    frame = dict(enumerate(poses))
    return lambda: stream.step(frame)


def _measures(functions):
    return {
        what: sides.seconds(function, CALLS_PER_TURN)
        for what, function in functions.items()
    }


def pose_tf():
    """Returns the measures of our exported models."""
    import tensorflow as tf

    import pose_tf

    rng = np.random.default_rng(0)
    poses = rng.uniform(0, 400, (1, NUM_FRAMES, NUM_JOINTS, 2))
    poses = tf.constant(poses, tf.float32)
    visibility = tf.constant(rng.random(poses.shape[:3]) < 0.8)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        _export(folder)
        classifier = tf.saved_model.load(folder / "classifier")
        generator = tf.saved_model.load(folder / "generator")
        recurrent = tf.saved_model.load(folder / "recurrent")
        streams = pose_tf.load(folder / "streams")
    generate = {
        f"{before}{what}": _generate(saved, number, poses, visibility)
        for before, saved in (("", generator), (RECURRENT, recurrent))
        for number, what in FUTURES.items()
    }
    return _measures(
        {
            **generate,
            RECURRENT + GENERATE_STEP: _step(
                recurrent, "generate_step", "pose", poses, visibility
            ),
            CLASSIFY: _classify(classifier, poses, visibility),
            CLASSIFY_STEP: _step(
                classifier, "classify_step", "probabilities", poses, visibility
            ),
            GENERATE_STEP: _step(
                generator, "generate_step", "pose", poses, visibility
            ),
            PEOPLE_STEP: _people_step(streams, poses[0, :NUM_PEOPLE].numpy()),
        }
    )


def _forward(num_layers, units, num_frames, num_outputs):
    """Returns torch's forward pass, given a state, as in a stream."""
    import torch

    from pose_tf import presets

    width = presets.get("vae", "default").latent_dim
    lstm = torch.nn.LSTM(width, units, num_layers, batch_first=True)
    head = torch.nn.Linear(units, num_outputs)
    inputs = torch.zeros(1, num_frames, width)
    state = (torch.zeros(num_layers, 1, units),) * 2

    def forward():
        with torch.no_grad():
            return head(lstm(inputs, state)[0]).numpy()

    return forward


def _continuation(config, num_samples, prefix=PREFIX, horizon=HORIZON):
    """Returns torch's encoder and chunks, of the generator's sizes."""
    import torch

    units, hidden, latent = (
        config.units,
        config.hidden_units,
        config.latent_dim,
    )
    motion = CHUNK * 2 * NUM_JOINTS
    action = 16
    width = NUM_INPUTS + motion + 2 * latent + 1 + action
    encoder = torch.nn.LSTM(NUM_INPUTS, units, batch_first=True)
    decoder = torch.nn.LSTMCell(width, units)
    layers = torch.nn.Sequential(
        torch.nn.Linear(units + width, hidden),
        torch.nn.SiLU(),
        torch.nn.Linear(hidden, hidden),
        torch.nn.SiLU(),
        torch.nn.Linear(hidden, motion + CHUNK * NUM_JOINTS),
    )
    seen = torch.zeros(1, prefix, NUM_INPUTS)
    inputs = torch.zeros(num_samples, width)

    def forward():
        with torch.no_grad():
            _, state = encoder(seen)
            state = [x[0].repeat(num_samples, 1) for x in state]
            chunks = []
            for _ in range(horizon // CHUNK):
                state = decoder(inputs, state)
                chunks.append(layers(torch.cat([state[0], inputs], -1)))
            return torch.stack(chunks).numpy()

    return forward


def torch():
    """Returns the measures of torch's layers of the same sizes."""
    from pose_tf import presets

    config = presets.get("classifier", "frames")
    layers, units = config.num_lstms, config.units
    generator = presets.get("generator", "default")
    return _measures(
        {
            CLASSIFY: _forward(layers, units, NUM_FRAMES, NUM_ACTIONS),
            CLASSIFY_STEP: _forward(layers, units, 1, NUM_ACTIONS),
            GENERATE_STEP: _continuation(generator, 1, prefix=1, horizon=CHUNK),
            **{
                what: _continuation(generator, number)
                for number, what in FUTURES.items()
            },
        }
    )


def rows():
    """Yields a row per endpoint: percentiles 50 and 99, in milliseconds."""
    with sides.both(pose_tf, torch) as (ours, peer):
        for what in (CLASSIFY, CLASSIFY_STEP, GENERATE_STEP, *FUTURES.values()):
            pairs = sides.in_turns(ours, peer, what, NUM_TURNS)
            yield Row(
                what=what,
                value=_percentiles(pairs.ours),
                peer=f"torch {_percentiles(pairs.peer)}",
                ratio=pairs.ratio(),
            )
        for what in (GENERATE_STEP, *FUTURES.values()):
            pairs = sides.Pairs([], [])
            for _ in range(NUM_TURNS):
                pairs.ours.append(ours.measure(what))
                pairs.peer.append(ours.measure(RECURRENT + what))
            yield Row(
                what=what,
                value=_percentiles(pairs.ours),
                peer=f"preset `recurrent` {_percentiles(pairs.peer)}",
                ratio=pairs.ratio(),
                aim="at most 1.5",
            )
        turns = [ours.measure(PEOPLE_STEP) for _ in range(NUM_TURNS)]
    yield Row(
        what=PEOPLE_STEP, value=_percentiles(turns), aim="p99 below 10 ms"
    )


def _percentiles(turns):
    p50, p99 = np.percentile(1e3 * np.concatenate(turns), [50, 99])
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"
