"""The names of a run's files are written in one place."""

import ast

from pose_tf import run_files
from tests import test_docstrings

NAMES = {value for name, value in vars(run_files).items() if name.isupper()}


def strings(path):
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_no_other_module_spells_the_names_of_a_runs_files():
    spelled = [
        path.name for path in test_docstrings.FILES if strings(path) & NAMES
    ]
    assert spelled == ["run_files.py"]
