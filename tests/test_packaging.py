"""The package as installed: its list of packages, and what a wheel holds."""

import configparser
import pathlib
import subprocess
import sys
import zipfile

import pytest

from tests.support import lowest_bounds

ROOT = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def setup_cfg():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


@pytest.fixture(scope="module")
def listed(setup_cfg):
    return set(setup_cfg["options"]["packages"].split())


def packages_in_tree():
    """Dotted names of all folders under pose_tf/ that hold an `__init__`."""
    found = set()
    for folder in [ROOT / "pose_tf", *map(ROOT.joinpath, MAPPED.values())]:
        prefix = {v: k for k, v in MAPPED.items()}.get(folder.name, folder.name)
        for init in folder.rglob("__init__.py"):
            parts = init.parent.relative_to(folder).parts
            found.add(".".join([prefix, *parts]))
    return found


MAPPED = {"pose_tf.datasets": "datasets", "pose_tf.trainers": "trainers"}


def test_packages_list_is_the_tree(listed):
    assert listed == packages_in_tree()


def test_every_requirement_promises_a_lowest_version(setup_cfg):
    required = setup_cfg["options"]["install_requires"].strip().splitlines()
    assert len(lowest_bounds.lowest()) == len(required)


def test_lowest_versions_are_those_of_setup_cfg(tmp_path):
    path = tmp_path / "setup.cfg"
    requires = "    tf-keras>=2.20.1\n    protobuf >= 6.31,<8\n    a_b>=1;x<2"
    path.write_text(f"[options]\ninstall_requires =\n{requires}\n")
    assert lowest_bounds.lowest(path) == {
        "tf-keras": "2.20.1",
        "protobuf": "6.31",
        "a_b": "1",
    }


@pytest.mark.parametrize("requirement", ["tyro", "tyro<2", "tyro<2,>=1"])
def test_a_requirement_without_a_lowest_version_is_named(requirement, tmp_path):
    path = tmp_path / "setup.cfg"
    path.write_text(f"[options]\ninstall_requires =\n    {requirement}\n")
    with pytest.raises(ValueError, match=f"Received: {requirement}$"):
        lowest_bounds.lowest(path)


def test_every_folder_with_code_is_a_package(listed):
    for top in ("pose_tf", "datasets", "trainers"):
        for path in (ROOT / top).rglob("*.py"):
            if "dummy_data" not in path.parts:
                assert (path.parent / "__init__.py").exists(), path


@pytest.mark.parametrize("name", ["datasets", "trainers"])
def test_mapped_packages_are_symlinks(name):
    link = ROOT / "pose_tf" / name
    assert link.is_symlink()
    assert link.resolve() == ROOT / name


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Names of the files in a wheel built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        + [f"--wheel-dir={folder}", "."],
        check=True,
        cwd=_copy(folder / "source"),
    )
    (path,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(path).namelist())


def _copy(folder):
    """Copies what git tracks or would track, so that no build/ is left here."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    for name in filter(None, listed):
        if not (ROOT / name).is_symlink() and not (ROOT / name).exists():
            continue  # Deleted here, not yet in git.
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_symlink():
            target.symlink_to((ROOT / name).readlink())
        else:
            target.write_bytes((ROOT / name).read_bytes())
    return folder


@pytest.mark.slow
def test_wheel_puts_nothing_beside_pose_tf(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "pose_tf"
    }


@pytest.mark.slow
def test_wheel_holds_every_module(wheel):
    for name in packages_in_tree():
        assert name.replace(".", "/") + "/__init__.py" in wheel
    for top in ("pose_tf", "datasets", "trainers"):
        for path in (ROOT / top).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            if not name.startswith("pose_tf/"):
                name = "pose_tf/" + name
            assert name in wheel


@pytest.mark.slow
def test_wheel_holds_builders_texts_and_licence(wheel):
    for path in (ROOT / "datasets").glob("*/*"):
        if path.suffix in {".md", ".bib", ".txt", ".tsv"}:
            assert f"pose_tf/{path.relative_to(ROOT)}" in wheel
    assert any(name.endswith("licenses/LICENSE") for name in wheel)


@pytest.mark.slow
def test_wheel_has_the_command(wheel):
    assert any(name.endswith("entry_points.txt") for name in wheel)


def test_import_of_pose_tf_is_cheap():
    """Importing pose_tf or its command imports nothing that takes long."""
    code = (
        "import sys, pose_tf, pose_tf.cli.main, pose_tf.configs\n"
        "heavy = {'tensorflow', 'keras', 'tensorflow_datasets', 'scipy',\n"
        "         'tensorflow_probability', 'matplotlib', 'sklearn'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    ).stdout
    assert output.strip() == "[]"
