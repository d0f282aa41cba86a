"""Small SavedModels with the endpoints of ours, and with plain arithmetic.

The maths is simple enough to be worked by hand: the latent of a pose is its
first joint, the probability of action 0 is the mean x of visible joints over
100, and a continuation goes on at one pixel a frame.
"""

import tensorflow as tf

J, D = 13, 2
POSES = tf.TensorSpec([None, None, J, D], tf.float32)
VISIBILITY = tf.TensorSpec([None, None, J], tf.bool)
POSE = tf.TensorSpec([None, J, D], tf.float32)
SEEN = tf.TensorSpec([None, J], tf.bool)
INT = tf.TensorSpec([], tf.int32)
SEED = tf.TensorSpec([2], tf.int32)


def floats(*shape):
    return tf.TensorSpec(shape, tf.float32)


def probabilities(total, count):
    p = tf.math.divide_no_nan(total, count) / 100.0
    return tf.stack([p, 1.0 - p], -1)


class FakeVAE(tf.Module):
    kind = "vae"

    def __init__(self):
        self.one = tf.Variable(1.0)  # Lost if the loaded module is dropped.

    def embed(self, poses, visibility):
        root = poses[:, :, 1]
        return {
            "mean": self.one * poses[:, :, 0],
            "stddev": tf.ones_like(root),
            "root": root,
            "scale": tf.reduce_sum(tf.cast(visibility, tf.float32), 2),
        }

    def embed_clip(self, poses, visibility):
        code = self.embed(poses, visibility)
        return {**code, "scale": tf.reduce_sum(code["scale"], 1)}

    def decode(self, z, root, scale):
        first = tf.stack([z, root], 2)
        rest = tf.ones([tf.shape(z)[0], tf.shape(z)[1], J - 2, D])
        scale = tf.reshape(scale, [tf.shape(z)[0], -1])
        rest = rest * scale[..., None, None]
        poses = tf.concat([first, rest], 2)
        return {"poses": poses, "visibility": tf.ones_like(poses[..., 0])}

    def reconstruct(self, poses, visibility):
        code = self.embed_clip(poses, visibility)
        return self.decode(code["mean"], code["root"], code["scale"])

    def sample(self, num_samples, seed):
        shape = [num_samples, J, D]
        return {"poses": tf.random.stateless_normal(shape, seed)}

    def endpoints(self):
        latent = floats(None, None, D)
        clip = {"poses": POSES, "visibility": VISIBILITY}
        return {
            "embed": (self.embed, clip),
            "embed_clip": (self.embed_clip, clip),
            "decode": (
                self.decode,
                {
                    "z": latent,
                    "root": latent,
                    "scale": tf.TensorSpec(None, tf.float32),
                },
            ),
            "reconstruct": (self.reconstruct, clip),
            "sample": (self.sample, {"num_samples": INT, "seed": SEED}),
        }


class FakeClassifier(tf.Module):
    kind = "classifier"

    def classify(self, poses, visibility, num_frames):
        kept = tf.sequence_mask(num_frames, tf.shape(poses)[1])[..., None]
        seen = visibility & kept
        total = tf.reduce_sum(tf.where(seen, poses[..., 0], 0.0), (1, 2))
        count = tf.reduce_sum(tf.cast(seen, tf.float32), (1, 2))
        return {"probabilities": probabilities(total, count)}

    def classify_frames(self, poses, visibility, num_frames):
        kept = tf.sequence_mask(num_frames, tf.shape(poses)[1])[..., None]
        seen = visibility & kept
        total = tf.reduce_sum(tf.where(seen, poses[..., 0], 0.0), 2)
        count = tf.reduce_sum(tf.cast(seen, tf.float32), 2)
        return {"probabilities": probabilities(total, count)}

    def initial_state(self, batch_size):
        return {
            "total": tf.zeros([batch_size]),
            "count": tf.zeros([batch_size]),
        }

    def classify_step(self, pose, visibility, total, count):
        total += tf.reduce_sum(tf.where(visibility, pose[..., 0], 0.0), 1)
        count += tf.reduce_sum(tf.cast(visibility, tf.float32), 1)
        return {
            "probabilities": probabilities(total, count),
            "total": total,
            "count": count,
        }

    def endpoints(self):
        clip = {
            "poses": POSES,
            "visibility": VISIBILITY,
            "num_frames": tf.TensorSpec([None], tf.int32),
        }
        step = {"pose": POSE, "visibility": SEEN}
        step |= {"total": floats(None), "count": floats(None)}
        return {
            "classify": (self.classify, clip),
            "classify_frames": (self.classify_frames, clip),
            "initial_state": (self.initial_state, {"batch_size": INT}),
            "classify_step": (self.classify_step, step),
        }


class FakeGenerator(tf.Module):
    kind = "generator"

    def generate(
        self, poses, visibility, horizon, num_samples, temperature, seed
    ):
        ahead = tf.range(1.0, tf.cast(horizon, tf.float32) + 1)
        future = poses[:, -1:] + ahead[None, :, None, None]
        future = tf.repeat(future[:, None], num_samples, 1)
        noise = tf.random.stateless_normal(tf.shape(future), seed)
        future += temperature * noise
        seen = tf.cast(visibility[:, -1:], tf.float32)[:, None]
        return {
            "poses": future,
            "visibility": seen * tf.ones_like(future[..., 0]),
            "log_prob": -tf.reduce_sum(noise**2, (2, 3, 4)),
        }

    def initial_state(self, batch_size):
        return {"last": tf.zeros([batch_size, J, D])}

    def generate_step(self, pose, visibility, last):
        ahead = 2 * pose - last  # Constant velocity.
        seen = tf.cast(visibility, tf.float32)
        return {"pose": ahead, "visibility": seen, "last": pose}

    def endpoints(self):
        prefix = {"poses": POSES, "visibility": VISIBILITY}
        wanted = {
            "horizon": INT,
            "num_samples": INT,
            "temperature": floats(),
            "seed": SEED,
        }
        step = {"pose": POSE, "visibility": SEEN, "last": floats(None, J, D)}
        return {
            "generate": (self.generate, prefix | wanted),
            "initial_state": (self.initial_state, {"batch_size": INT}),
            "generate_step": (self.generate_step, step),
        }


def save(module, folder, joints, actions=None):
    """Writes a module with its endpoints and assets."""
    signatures = {
        name: tf.function(function).get_concrete_function(**specs)
        for name, (function, specs) in module.endpoints().items()
    }
    tf.saved_model.save(module, str(folder), signatures=signatures)
    (folder / "assets").mkdir(exist_ok=True)
    (folder / "assets" / "kind.txt").write_text(f"{module.kind}\n")
    (folder / "assets" / "joints.txt").write_text("\n".join(joints) + "\n")
    if actions is not None:
        text = "\n".join(actions) + "\n"
        (folder / "assets" / "actions.txt").write_text(text)
    return folder
