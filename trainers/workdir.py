"""What the folder of a run belongs to: one config and one set of clips.

`config.json` holds the config, `data.json` a digest of the clips and, if the
config has `init_from`, `initial_weights.json` a digest of these weights. A run
may only go on with the same ones, but for `num_epochs`, which may grow.
"""

import dataclasses

from pose_tf import configs, files, run_files


def claim(folder, config, clips, pretrained=None):
    """Makes the folder of a run, or checks that it goes on as it began.

    Args:
        folder: A `pathlib.Path`.
        config: The trainer's config.
        clips: `example_gen.Clips`.
        pretrained: The weights of `init_from`, a `Pretrained`, or None.

    Raises:
        ValueError: If the folder holds a run with another config, on other
            clips or from other weights, or one of its files is damaged.
    """
    if (folder / run_files.CONFIG).exists():
        _check_config(folder, config)
    check_clips(folder, clips)
    if pretrained is not None:
        _check_start(folder, pretrained)
    folder.mkdir(parents=True, exist_ok=True)
    with files.writing(folder / run_files.CONFIG) as aside:
        configs.save(config, aside)
    files.write_json(folder / run_files.DATA, _description(clips))


def check_clips(folder, clips):
    """Checks that the folder's run is of these clips, if it has begun.

    Raises:
        ValueError: If it is of other clips, or `data.json` is damaged.
    """
    path = folder / run_files.DATA
    if not path.exists():
        return
    before, now = files.read_json(path), _description(clips)
    if "digest" not in before:
        raise ValueError(f"{path} must hold a digest. Received: {before}")
    if before["digest"] != now["digest"]:
        raise ValueError(
            "`workdir` must be new or hold a run on the same clips. Received: "
            f"{folder}, {_difference(before, now)}"
        )


def _check_config(folder, config):
    before = configs.load(type(config), folder / run_files.CONFIG)
    changes = {
        field.name: (getattr(before, field.name), getattr(config, field.name))
        for field in dataclasses.fields(config)
    }
    changes = {k: (old, new) for k, (old, new) in changes.items() if old != new}
    if "num_epochs" in changes and changes["num_epochs"][0] < config.num_epochs:
        del changes["num_epochs"]
    if changes:
        listed = ", ".join(
            f"{name}: {old!r} -> {new!r}"
            for name, (old, new) in changes.items()
        )
        raise ValueError(
            "`workdir` must be new or hold a run with the same config, of which "
            f"only `num_epochs` may grow. Received: {folder}, with {listed}"
        )


def write_start(folder, pretrained, start):
    """Writes which weights a run started from: `initial_weights.json`.

    Args:
        folder: A `pathlib.Path`.
        pretrained: The weights of `init_from`, a `Pretrained`.
        start: What became of them, a `starts.Start`.
    """
    files.write_json(
        folder / run_files.INITIAL,
        {"digest": pretrained.digest, **dataclasses.asdict(start)},
    )


def _check_start(folder, pretrained):
    path = folder / run_files.INITIAL
    if not path.exists():
        return
    if files.read_json(path).get("digest") != pretrained.digest:
        raise ValueError(
            "`workdir` must be new or hold a run from the same weights. "
            f"Received: {folder}, which began with others than "
            f"{pretrained.path} holds now"
        )


def _description(clips):
    return {
        "digest": clips.digest,
        "skeleton": clips.skeleton.name,
        "actions": list(clips.actions),
        "num_train": int(clips.train.cardinality()),
        "num_test": int(clips.test.cardinality()),
    }


def _difference(before, now):
    """Says how clips differ, in the first way that there is."""
    for name, new in now.items():
        if name != "digest" and before.get(name) != new:
            return f"whose clips have {name} {before.get(name)}, not {new}"
    return "with as many clips of the same actions, but of other content"
