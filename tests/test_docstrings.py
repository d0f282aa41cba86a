"""The house's rules on docstrings and sizes, which no linter knows.

Ruff's pydocstyle rules hold the rest: that docstrings are there, and how they
are laid out.
"""

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[1]
PACKAGES = ("pose_tf", "datasets", "trainers", "studies", "benchmarks")
MAX_FILE_LINES = 400
MAX_BODY_LINES = 40
LONG = "# Long:"  # The comment that says why a body is longer.
# Nouns with which docstrings might open, which end as verbs do.
NOUNS = (
    "Actions Arguments Arrays Batches Bones Boxes Classes Clips "
    "Coordinates Embeddings Errors Examples Features Figures "
    "Files Frames Functions Indices Joints Labels Latents Lines Means "
    "Metrics Names Numbers Pairs Pixels Points Poses Predictions "
    "Probabilities Rows Skeletons Statistics Sums "
    "Targets Values Weights Windows Across Always As Its Plus This Thus "
    "Unless"
)


def is_code(path):
    """Whether a file is ours to hold: no test, and no link to another room."""
    links = ("pose_tf/datasets", "pose_tf/trainers")
    return not path.name.endswith("_test.py") and room(path) not in links


def room(path):
    """The part of the house in which a file lies, as a path from its root."""
    folder, *rest = path.relative_to(ROOT).parts[:-1]
    return "/".join([folder, *rest[:1]]) if folder == "pose_tf" else folder


FILES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if is_code(path)
)
LIBRARY = [path for path in FILES if room(path) not in PACKAGES[3:]]


def by_file(paths):
    return pytest.mark.parametrize(
        "path", paths, ids=lambda path: str(path.relative_to(ROOT))
    )


def is_function(node):
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def is_property(function):
    return any(
        ast.unparse(decorator).split(".")[-1].endswith("property")
        for decorator in function.decorator_list
    )


def public(nodes):
    return [node for node in nodes if not node.name.startswith("_")]


def public_classes(tree):
    return public(node for node in tree.body if isinstance(node, ast.ClassDef))


def public_functions(tree):
    """Functions and methods, but no properties, which are nouns."""
    functions = [
        node
        for parent in [tree, *public_classes(tree)]
        for node in parent.body
        if is_function(node)
    ]
    return [node for node in public(functions) if not is_property(node)]


def opens_with_a_verb(docstring):
    """Whether the first word is, by its looks, a third person's verb."""
    word = docstring.split()[0].rstrip(",")
    return word.istitle() and word.endswith("s") and word not in NOUNS.split()


def without_verbs(source):
    """The lines of public functions whose docstrings open with no verb."""
    return [
        function.lineno
        for function in public_functions(ast.parse(source))
        if not opens_with_a_verb(ast.get_docstring(function) or "Returns")
    ]


def without_examples(source):
    """The names of public classes whose docstrings have no doctest."""
    return [
        node.name
        for node in public_classes(ast.parse(source))
        if ">>> " not in (ast.get_docstring(node) or "")
    ]


def too_long(source):
    """The names of functions with long bodies and no reason for it."""
    lines = source.splitlines()
    return [
        node.name
        for node in ast.walk(ast.parse(source))
        if is_function(node)
        and body_lines(node) > MAX_BODY_LINES
        and not any(
            line.lstrip().startswith(LONG)
            for line in lines[max(first_line(node) - 2, 0) : node.end_lineno]
        )
    ]


def first_line(function):
    """The line of a function's first decorator, or of its `def`."""
    return min(node.lineno for node in [function, *function.decorator_list])


def body_lines(function):
    """How many lines a body has behind its docstring."""
    has_docstring = ast.get_docstring(function) is not None
    statements = function.body[has_docstring:]
    return function.end_lineno - statements[0].lineno + 1 if statements else 0


@by_file(FILES)
def test_docstrings_of_public_functions_open_with_a_verb(path):
    assert without_verbs(path.read_text()) == []


@by_file(LIBRARY)
def test_docstrings_of_public_classes_have_an_example(path):
    assert without_examples(path.read_text()) == []


@by_file(FILES)
def test_no_file_is_over_400_lines(path):
    assert len(path.read_text().splitlines()) <= MAX_FILE_LINES


@by_file(FILES)
def test_no_body_is_over_40_lines_without_a_reason(path):
    assert too_long(path.read_text()) == []


def test_every_room_is_looked_at():
    rooms = {room(path) for path in FILES}
    assert rooms >= {*PACKAGES, "pose_tf/models", "pose_tf/serving"}
    assert len(FILES) > 100


SOURCE = '''
def poses():
    """Poses of the clip."""

def root():
    """The root."""

def embed():
    """Embeds poses."""

def _mean():
    """The mean of poses."""

class Clip:
    """A clip."""

    @property
    def num_frames(self):
        """The number of frames."""

    def missing(self):
        """Whether a joint is missing."""

class Pose:
    """A pose.

    >>> Pose()
    """
'''


def test_docstrings_without_a_verb_are_found():
    lines = SOURCE.splitlines()
    assert [lines[number - 1].strip() for number in without_verbs(SOURCE)] == [
        "def poses():",
        "def root():",
        "def missing(self):",
    ]


def test_classes_without_an_example_are_found():
    assert without_examples(SOURCE) == ["Clip"]


@pytest.mark.parametrize(
    "num_lines, first, names",
    [
        (MAX_BODY_LINES, "pass", []),
        (MAX_BODY_LINES + 1, "pass", ["function"]),
        (MAX_BODY_LINES + 1, "pass  # Long.", ["function"]),
        (MAX_BODY_LINES + 1, "pass\n    # Long: one table.", []),
    ],
)
def test_long_bodies_without_a_reason_are_found(num_lines, first, names):
    body = [first, *["pass"] * (num_lines - 1)]
    source = "\n    ".join(["def function():", '"""Docstring."""', *body])
    assert too_long(source) == names
