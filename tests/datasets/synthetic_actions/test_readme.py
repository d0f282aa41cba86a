"""What the dataset's README says is so."""

import pathlib
import re

from PIL import Image

from pose_tf.datasets.synthetic_actions import (
    synthesis,
    synthetic_actions_dataset_builder,
)

README = (
    pathlib.Path(synthetic_actions_dataset_builder.__file__)
    .with_name("README.md")
    .read_text()
)


def test_example_draws_a_clip(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall("```python\n(.*?)```", README, re.DOTALL)
    exec(code, {})  # noqa: S102
    clip = synthesis.clip("train", synthesis.ACTIONS.index("throw"))
    with Image.open("throw.gif") as image:
        assert image.n_frames == len(clip["poses"])


def test_tables_list_actions_and_configs():
    rows = re.findall(r"^\| (`.*?) \|", README, re.MULTILINE)
    names = re.findall("`(.*?)`", " ".join(rows))
    configs = synthetic_actions_dataset_builder.Builder.BUILDER_CONFIGS
    assert sorted(names) == sorted(
        [*synthesis.ACTIONS, *(config.name for config in configs)]
    )
    for config in configs:
        row = (
            f"| `{config.name}` | {config.num_train:,} | {config.num_test:,} |"
        )
        assert row in README
