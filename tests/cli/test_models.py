"""Commands that use a SavedModel, over ones whose numbers are known."""

import json

import numpy as np
import pytest
from PIL import Image

from pose_tf.cli import clips, main, models
from pose_tf.formats import outputs
from pose_tf.pose import skeletons
from tests.support import fake_models

J, D = 13, 2


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """`vae`, `classifier`, `generator`, and `clip.npz` of six frames.

    The mean x of the clip's visible joints is 25 px.
    """
    folder = tmp_path_factory.mktemp("models")
    joints = skeletons.PENN_ACTION.joints
    fake_models.save(fake_models.FakeVAE(), folder / "vae", joints)
    fake_models.save(
        fake_models.FakeClassifier(),
        folder / "classifier",
        joints,
        ["bowl", "squat"],
    )
    fake_models.save(fake_models.FakeGenerator(), folder / "generator", joints)
    poses = np.tile(
        np.linspace((25, 0), (25, 240), J), (6, 1, 1)
    ) + np.linspace(-5, 5, 6).reshape(6, 1, 1)
    outputs.write(folder / "clip.npz", {"poses": poses})
    outputs.write(folder / "nobody.npz", {"poses": 0 * poses})
    return folder


def test_embed_writes_the_posterior(folder, tmp_path, capsys):
    output = tmp_path / "embedding.npz"
    main.main(
        ["embed", f"{folder}/vae", f"{folder}/clip.npz", f"--output={output}"]
    )
    with np.load(output) as arrays:
        assert sorted(arrays) == ["mean", "root", "scale", "stddev"]
        # The fake's latent of a pose is its first joint.
        np.testing.assert_allclose(arrays["mean"][0], [20, -5])
    assert capsys.readouterr().out.strip() == str(output)


def test_classify_ranks_the_actions(folder, tmp_path, capsys):
    output = tmp_path / "actions.json"
    main.main(
        ["classify", f"{folder}/classifier", f"{folder}/clip.npz"]
        + [f"--output={output}"]
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines] == [
        ["75.0%", "squat"],
        ["25.0%", "bowl"],
    ]
    written = json.loads(output.read_text())
    assert written["actions"] == ["bowl", "squat"]
    np.testing.assert_allclose(written["probabilities"], [0.25, 0.75])


def generate(folder, output, *flags):
    return main.main(
        ["generate", f"{folder}/generator", f"{folder}/clip.npz"]
        + [f"--output={output}", *flags]
    )


def test_generate_writes_futures(folder, tmp_path):
    output = tmp_path / "futures.npz"
    generate(
        folder,
        output,
        "--horizon=4",
        "--num_samples=2",
        "--prefix=3",
        "--temperature=0",
    )
    with np.load(output) as futures, np.load(folder / "clip.npz") as clip:
        assert futures["poses"].shape == (2, 4, J, D)
        assert futures["log_prob"].shape == (2,)
        # The fake goes on at one pixel a frame from the last that it saw.
        last = clip["poses"][2]
        np.testing.assert_allclose(futures["poses"][1, 3], last + 4, rtol=1e-5)


def test_generate_refuses_an_action_that_the_model_does_not_know(
    folder, tmp_path, capsys
):
    with pytest.raises(SystemExit):
        generate(folder, tmp_path / "futures.npz", "--action=squat")
    assert "`action` must be one of" in capsys.readouterr().err
    assert not (tmp_path / "futures.npz").exists()


@pytest.mark.parametrize("suffix", [".npz", ".JSON"])
def test_what_generate_wrote_is_a_clip(folder, tmp_path, suffix, capsys):
    """The fake sees the first future: six frames whose mean x is 33.5 px."""
    futures = tmp_path / f"futures{suffix}"
    generate(
        folder, futures, "--horizon=6", "--num_samples=2", "--temperature=0"
    )
    capsys.readouterr()
    main.main(["classify", f"{folder}/classifier", str(futures)])
    printed = capsys.readouterr()
    assert printed.out.split()[-2:] == ["33.5%", "bowl"]
    assert printed.err == "pose-tf: warning: Read the first of 2 futures\n"
    output = tmp_path / "embedding.npz"
    main.main(["embed", f"{folder}/vae", str(futures), f"--output={output}"])
    assert np.load(output)["mean"].shape == (6, D)


def test_temperature_and_seed_matter(folder, tmp_path):
    futures = []
    for seed in (1, 1, 2):
        output = tmp_path / f"{len(futures)}.npz"
        generate(folder, output, "--temperature=1", f"--seed={seed}")
        futures.append(np.load(output)["poses"])
    np.testing.assert_array_equal(futures[0], futures[1])
    assert np.abs(futures[0] - futures[2]).max() > 0.1


@pytest.mark.parametrize(
    ("flags", "num_frames"),
    [
        ((), 6 + 4),  # Nothing to compare with: the whole clip was seen.
        (("--prefix=3", "--num_samples=2"), 3 + 4),
    ],
)
def test_generate_draws_a_moving_gif(folder, tmp_path, flags, num_frames):
    output = tmp_path / "future.gif"
    generate(folder, output, "--horizon=4", *flags)
    with Image.open(output) as image:
        assert image.n_frames == num_frames
        alone = image.size
    if "--prefix=3" in flags:  # The truth, and two futures.
        generate(folder, tmp_path / "one.gif", "--horizon=4")
        with Image.open(tmp_path / "one.gif") as image:
            assert alone[0] > 2.5 * image.size[0]


def test_generate_draws_a_strip(folder, tmp_path):
    output = tmp_path / "future.png"
    generate(folder, output, "--horizon=4")
    with Image.open(output) as image:
        assert image.format == "PNG"
        assert image.size[0] > image.size[1]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["generate", "{}/generator", "{}/clip.npz", "--prefix=7"], "6 frames"),
        (["generate", "{}/generator", "{}/clip.npz", "--prefix=0"], "`prefix`"),
        (
            ["generate", "{}/generator", "{}/clip.npz", "--horizon=0"],
            "`horizon`",
        ),
        (["generate", "{}/vae", "{}/clip.npz"], "'generate'"),
        (["embed", "{}/generator", "{}/clip.npz"], "'embed'"),
        (["embed", "{}/nothing", "{}/clip.npz"], "nothing"),
        (["embed", "{}/vae", "{}/nothing.npz"], "nothing.npz"),
        (["embed", "{}/vae", "{}/nobody.npz"], "none in 6 frames"),
        (["classify", "{}/classifier", "{}/nobody.npz"], "none in 6 frames"),
        (["generate", "{}/generator", "{}/nobody.npz"], "none in 6 frames"),
    ],
)
def test_mistakes_are_reported_in_one_line(
    folder, tmp_path, capsys, argv, told
):
    argv = [argument.format(folder) for argument in argv]
    output = tmp_path / "output.npz"
    with pytest.raises(SystemExit) as exit_:
        main.main([*argv, f"--output={output}"])
    assert exit_.value.code == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not output.exists()


def test_outputs_of_an_unknown_kind_list_the_known(folder, tmp_path, capsys):
    with pytest.raises(SystemExit):
        generate(folder, tmp_path / "future.mp4")
    assert ".gif or .png" in capsys.readouterr().err


def test_a_clip_of_a_dataset(folder, tmp_path, tiny_data_dir):
    output = tmp_path / "future.npz"
    main.main(
        ["generate", f"{folder}/generator", "penn_action/test/1"]
        + [f"--output={output}", f"--data_dir={tiny_data_dir}", "--prefix=9"]
    )
    (clip,) = clips.read_people("penn_action/test/1", tiny_data_dir)
    poses = clip.poses
    with np.load(output) as futures:
        assert futures["poses"].shape == (1, 30, J, D)
        visible = clips.read_people("penn_action/test/1", tiny_data_dir)[
            0
        ].visibility[8]
        np.testing.assert_allclose(
            futures["poses"][0, 0][visible], poses[8][visible] + 1, rtol=1e-4
        )


def test_an_index_beyond_the_split(tiny_data_dir):
    with pytest.raises(ValueError, match="test clips of penn_action, 6.*: 6"):
        clips.read_people("penn_action/test/6", tiny_data_dir)


@pytest.mark.parametrize(
    "arguments",
    [
        ["embed", "vae", "a.gif"],
        ["classify", "classifier", "a.txt"],
        ["generate", "generator", "a.mp4"],
    ],
)
def test_an_output_of_another_kind_is_refused_first(arguments, capsys):
    command, model, output = arguments
    with pytest.raises(SystemExit, match="2"):
        main.main([command, f"no/{model}", "no.npz", f"--output={output}"])
    assert "`output` must end in" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags", [["--horizon=1000000000"], ["--num_samples=100000"]]
)
def test_more_frames_than_memory_holds_are_refused_first(flags, capsys):
    with pytest.raises(SystemExit, match="2"):
        main.main(["generate", "no/g", "no.npz", "--output=a.npz", *flags])
    assert "must be at most 1,000,000 frames" in capsys.readouterr().err


def test_a_folder_is_refused_as_output(tmp_path, capsys):
    output = tmp_path / "a.npz"
    (output / "mine").mkdir(parents=True)
    with pytest.raises(SystemExit, match="2"):
        main.main(["embed", "no/vae", "no.npz", f"--output={output}"])
    assert f"folder. Received: {output}" in capsys.readouterr().err
    assert (output / "mine").is_dir()


def test_a_file_is_no_folder_of_an_output(tmp_path, capsys):
    (tmp_path / "file").touch()
    output = tmp_path / "file" / "new" / "a.npz"
    with pytest.raises(SystemExit, match="2"):
        main.main(["embed", "no/vae", "no.npz", f"--output={output}"])
    assert f"and {tmp_path}/file is a file" in capsys.readouterr().err


def test_json_holds_null_for_what_is_not_finite(tmp_path):
    path = tmp_path / "a.json"
    outputs.write(path, {"a": [1.5, np.nan, -np.inf]})
    assert json.loads(path.read_text()) == {"a": [1.5, None, None]}


def test_a_dataset_that_needs_a_download_is_not_built_implicitly(
    folder, tmp_path, capsys
):
    with pytest.raises(SystemExit, match="2"):
        main.main(
            ["generate", f"{folder}/generator", "penn_action/test/315"]
            + [f"--output={tmp_path}/a.gif", f"--data_dir={tmp_path}/data"]
        )
    assert "pose-tf build penn_action" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("count", "temperature"), [(1, 0.0), (3, 1.0)])
def test_several_futures_are_sampled_and_one_is_predicted(
    folder, tmp_path, monkeypatch, count, temperature
):
    asked = {}
    load = models.load

    def spying(path, endpoint):
        generator = load(path, endpoint)
        inner = generator.generate

        def generate(*args, **kwargs):
            asked.update(kwargs)
            return inner(*args, **kwargs)

        monkeypatch.setattr(generator, "generate", generate)
        return generator

    monkeypatch.setattr(models, "load", spying)
    generate(folder, tmp_path / "a.npz", f"--num_samples={count}")
    assert asked["temperature"] == temperature
