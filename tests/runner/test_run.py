"""The whole pipeline, with trainers that only write down what they were given.

What the trainers themselves do is tested beside them.
"""

import dataclasses
import json
import pathlib

import numpy as np
import pytest

from pose_tf import configs, presets
from pose_tf.evaluation import evaluator
from pose_tf.pipeline import build, example_gen, schema_gen, statistics_gen
from pose_tf.runner import run
from pose_tf.serving import loaded

KINDS = ("vae", "motion_vae", "classifier", "generator")
FEW = {
    f"{name}_with_{number}_per_action": 50.0
    for name in ("top1", "worst")
    for number in (1, 5)
}


class Loaded:
    def __init__(self, path):
        self.path = path


class Stage:
    """Fake trainers and rules; `fitted` lists the trainings that ran."""

    def __init__(self, monkeypatch, data_dir, workdir):
        self.data_dir, self.workdir = data_dir, workdir
        self.fitted, self.evaluated, self.interrupt = [], [], ""
        self.good = set(KINDS)
        self.real_trainer_class = run.trainers.get
        monkeypatch.setattr(run.trainers, "get", self.trainer_class)
        monkeypatch.setattr(loaded, "load", lambda path, skeleton: Loaded(path))

    def judge(self, kind):
        metrics, baseline = {
            "vae": (
                {"mpjpe": 1.0, "latent_dim": 4},
                {"pca_mpjpe": 2.0, "pca_num_components": 4},
            ),
            "motion_vae": (
                {**FEW, "latent_dim": 4},
                {f"pca_{name}": value for name, value in FEW.items()},
            ),
            "classifier": (
                {"top1": 2.0, "macro_f1": 2.0, "num_clips": 6},
                {"nearest_neighbor_top1": 1.0},
            ),
            "generator": (
                {"pck": [2.0], "mean_pck": 2.0, "num_windows": 9},
                {},
            ),
        }[kind]

        def rule(functions, train, scored, config):
            self.evaluated.append(kind)
            return metrics, baseline, [(kind in self.good, "A reason.")]

        return rule

    def trainer_class(self, kind):
        stage = self

        class Trainer:
            purpose = "It stands for a trainer."
            rule = evaluator.Rule(
                kind, Loaded, lambda *_: ("functions",), stage.judge(kind)
            )

            def __init__(self, config, workdir, *, clips, verbose=0):
                self.config, self.workdir, self.clips = config, workdir, clips

            def check(self, *parts):
                trainer_class = stage.real_trainer_class(kind)
                trainer_class(self.config, "", clips=self.clips).check(*parts)

            def fit(self):
                configs.save(self.config, self.workdir / "config.json")
                if stage.interrupt == kind:
                    raise KeyboardInterrupt
                stage.fitted.append(kind)
                vae = getattr(self.config, "vae", "")
                text = "none"
                if vae:
                    text = (pathlib.Path(vae) / "model.keras").read_text()
                (self.workdir / "model.keras").write_text(
                    f"{self.config} {len(self.clips.train_index)} {text}"
                )

            def export(self):
                folder = self.workdir / "saved_model"
                folder.mkdir(exist_ok=True)
                model = (self.workdir / "model.keras").read_text()
                (folder / "saved_model.pb").write_text(model)

        return Trainer

    def run(self, preset="tiny", dataset="penn_action", **options):
        self.fitted.clear()
        self.evaluated.clear()
        return run.run(
            dataset,
            preset,
            self.workdir,
            data_dir=self.data_dir,
            verbose=0,
            **options,
        )


@pytest.fixture
def stage(monkeypatch, tiny_data_dir, tmp_path):
    return Stage(monkeypatch, tiny_data_dir, tmp_path / "run")


def test_goes_the_whole_way(stage):
    result = stage.run()
    assert stage.fitted == list(KINDS)
    assert set(result.pushed) == set(KINDS)
    folder = stage.workdir / "saved_models"
    for kind in KINDS:
        assert result.evaluations[kind].blessed
        assert result.pushed[kind] == folder / f"penn_action_{kind}" / "1"
        assert (result.pushed[kind] / "saved_model.pb").is_file()
    card = (folder / "penn_action_vae" / "model_card.md").read_text()
    assert (
        "pose-tf run --dataset=penn_action --preset=tiny "
        f"--workdir={stage.workdir} --manual_dir=...\n"
    ) in card
    assert (stage.workdir / "statistics" / "statistics.pb").is_file()
    assert (stage.workdir / "schema" / "schema.pbtxt").is_file()
    assert (
        json.loads(
            (stage.workdir / "validation" / "quarantine.json").read_text()
        )
        == []
    )


def test_the_classifier_gets_this_runs_vae(stage):
    stage.run()
    config = json.loads(
        (stage.workdir / "classifier" / "config.json").read_text()
    )
    assert config["vae"] == str(stage.workdir / "vae")
    assert config["dataset"] == "penn_action"


def test_an_export_is_scored_once(stage):
    stage.run()
    assert stage.evaluated == list(KINDS)
    assert not (stage.workdir / "vae" / "metrics.json").exists()


def test_unchanged_is_skipped(stage, capsys):
    first = stage.run()
    capsys.readouterr()
    again = stage.run()
    assert stage.fitted == [] and stage.evaluated == []
    assert again == first
    assert capsys.readouterr().out.count("unchanged, skipped") == 11


def test_a_rebuilt_dataset_trains_nothing(stage, tiny_penn_dir, tmp_path):
    stage.run()
    stage.data_dir = tmp_path / "rebuilt"
    stage.run(manual_dir=tiny_penn_dir)
    assert stage.fitted == [] and stage.evaluated == []


def test_another_config_trains_again_what_depends_on_it(stage, monkeypatch):
    stage.run()
    tiny = presets.PRESETS["vae"]["tiny"]
    monkeypatch.setitem(
        presets.PRESETS["vae"], "tiny", dataclasses.replace(tiny, latent_dim=3)
    )
    result = stage.run()
    # The classifier embeds with the VAE; the tiny generator does not.
    assert stage.fitted == ["vae", "classifier"]
    assert result.pushed["vae"].name == "2"
    assert result.pushed["generator"].name == "1"


def test_a_stopped_run_resumes(stage):
    stage.interrupt = "classifier"
    with pytest.raises(KeyboardInterrupt):
        stage.run()
    assert stage.fitted == ["vae", "motion_vae"]
    stage.interrupt = ""
    stage.run()
    assert stage.fitted == ["classifier", "generator"]


def test_what_is_not_blessed_is_not_pushed(stage, capsys):
    stage.good.remove("classifier")
    result = stage.run()
    assert set(result.pushed) == {"vae", "motion_vae", "generator"}
    folder = stage.workdir / "saved_models"
    assert not (folder / "penn_action_classifier").exists()
    assert "classifier is not pushed: A reason." in capsys.readouterr().out
    evaluation = stage.workdir / "classifier_evaluation"
    assert (evaluation / "NOT_BLESSED").is_file()
    assert not evaluator.load(evaluation).blessed


def test_everything_fitted_sees_only_training_clips(stage, monkeypatch):
    """With the official clips of both splits, by every trainer and baseline."""
    seen = []
    judge_of = stage.judge
    judge = judge_of("vae")

    def rule(functions, train, scored, config):
        seen.append(
            [
                {clip["clip_id"] for clip in ds.as_numpy_iterator()}
                for ds in (train, scored)
            ]
        )
        return judge(functions, train, scored, config)

    monkeypatch.setattr(
        stage, "judge", lambda kind: rule if kind == "vae" else judge_of(kind)
    )
    stage.run()
    ((train, scored),) = seen
    assert len(train) == 15 and len(scored) == 6
    assert not train & scored


class TestFirstChecks:
    """What can be known before the first training is said before it."""

    def folder(self, tmp_path, poses):
        manual_dir = tmp_path / "clips"
        manual_dir.mkdir()
        (manual_dir / "dataset.json").write_text(
            '{"skeleton": "penn_action", "test_fraction": 0}'
        )
        for number, array in enumerate(poses):
            np.savez(manual_dir / f"clip_{number}", poses=array)
        return manual_dir

    def test_clips_shorter_than_a_window(self, stage, tmp_path):
        rng = np.random.default_rng(0)
        clips = [rng.uniform(0, 99, (n, 13, 2)) for n in (8, 9, 9)]
        stage.data_dir = tmp_path / "data"
        with pytest.raises(
            ValueError, match=r"must be at most 9, .* train clip.*5 \+ 5"
        ):
            stage.run(
                dataset="keypoint_files",
                manual_dir=self.folder(tmp_path, clips),
            )
        assert stage.fitted == []

    def test_held_back_clips_shorter_than_a_window(self, stage, tmp_path):
        """The last of the clips is the one that is held back."""
        rng = np.random.default_rng(0)
        clips = [rng.uniform(0, 99, (n, 13, 2)) for n in (30, 9)]
        stage.data_dir = tmp_path / "data"
        with pytest.raises(ValueError, match="must be at most (9|30), .*clip"):
            stage.run(
                dataset="keypoint_files",
                manual_dir=self.folder(tmp_path, clips),
            )
        assert stage.fitted == []

    def test_clips_on_one_point(self, stage, tmp_path):
        clips = [np.full((20, 13, 2), 50.0)] * 3
        stage.data_dir = tmp_path / "data"
        with pytest.raises(
            ValueError, match=r"at one point, such as \[50.0, 50.0\]"
        ):
            stage.run(
                dataset="keypoint_files",
                manual_dir=self.folder(tmp_path, clips),
            )
        assert stage.fitted == []


def test_clips_of_one_action_have_no_classifier(stage, tmp_path, capsys):
    """Nor is one needed to go on to the generator."""
    manual_dir = tmp_path / "clips"
    manual_dir.mkdir()
    (manual_dir / "dataset.json").write_text(
        '{"skeleton": "penn_action", "test_fraction": 0}'
    )
    rng = np.random.default_rng(0)
    for name in ("a", "b", "c"):
        np.savez(manual_dir / name, poses=rng.uniform(0, 99, (12, 13, 2)))
    stage.data_dir = tmp_path / "data"
    result = stage.run(dataset="keypoint_files", manual_dir=manual_dir)
    assert stage.fitted == ["vae", "motion_vae", "generator"]
    assert stage.evaluated == stage.fitted
    assert set(result.evaluations) == set(result.pushed) == set(stage.fitted)
    assert result.evaluations["generator"].split == "validation"
    printed = capsys.readouterr().out
    assert "classifier: skipped" in printed and "only unlabelled" in printed


class TestBadClips:
    @pytest.fixture
    def schema(self, tiny_data_dir, tmp_path):
        """Asks for 25 frames: five training clips of `bowl` are shorter."""
        path = build.build("penn_action", data_dir=tiny_data_dir)
        clips = example_gen.read(path)
        schema = schema_gen.load(_inferred(clips, tmp_path))
        for feature in schema.feature:
            if feature.name == "num_frames":
                feature.float_domain.min = 25
        schema_gen.save(schema, tmp_path / "schema.pbtxt")
        return tmp_path / "schema.pbtxt"

    def test_stop_by_default(self, stage, schema):
        with pytest.raises(
            ValueError, match="num_frames: must be at least 25. Received: 20"
        ):
            stage.run(schema=schema)
        assert stage.fitted == []
        listed = stage.workdir / "validation" / "quarantine.json"
        assert len(json.loads(listed.read_text())) == 5

    def test_quarantine_continues_without_them(self, stage, schema):
        stage.run(schema=schema, on_bad_clip="quarantine")
        assert stage.fitted == list(KINDS)
        card = stage.workdir / "saved_models/penn_action_vae/model_card.md"
        flags = f"--on_bad_clip=quarantine --schema={schema} --manual_dir=..."
        assert f"{flags}\n" in card.read_text()
        model = (stage.workdir / "vae" / "model.keras").read_text()
        assert model.split(")")[-1].split()[0] == "13"  # Of 18 clips.

    def test_an_edited_schema_is_noticed(self, stage, schema):
        stage.run(schema=schema, on_bad_clip="quarantine")
        schema.write_text(schema.read_text().replace("min: 25", "min: 24"))
        stage.run(schema=schema, on_bad_clip="quarantine")
        assert stage.fitted == list(KINDS)


def _inferred(clips, folder):
    path = folder / "inferred.pbtxt"
    schema_gen.save(schema_gen.infer(statistics_gen.generate(clips)), path)
    return path


def test_unknown_names(stage):
    with pytest.raises(ValueError, match="`preset`.*default.*'huge'"):
        stage.run(preset="huge")
    with pytest.raises(ValueError, match="`dataset`.*'coco'"):
        run.run("coco", "tiny", stage.workdir)
    assert not stage.workdir.exists()
