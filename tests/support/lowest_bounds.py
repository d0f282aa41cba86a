"""Prints the lowest versions that setup.cfg promises, as pip's constraints.

    python tests/support/lowest_bounds.py [SETUP.CFG]

It needs no more than Python, since it runs before anything is installed.
"""

import configparser
import pathlib
import re
import sys

SETUP_CFG = pathlib.Path(__file__).resolve().parents[2] / "setup.cfg"
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*>=\s*(?P<version>[\w.]+)")


def lowest(path=SETUP_CFG) -> dict[str, str]:
    """Returns the lowest version of each requirement, by name.

    Args:
        path: A setup.cfg.

    Raises:
        ValueError: If a requirement promises any version at all.
    """
    parser = configparser.ConfigParser()
    parser.read(path)
    versions = {}
    for line in parser["options"]["install_requires"].strip().splitlines():
        if not (match := REQUIREMENT.match(line)):
            raise ValueError(
                "Each requirement must begin with its lowest version, as "
                f"`name>=version`. Received: {line}"
            )
        versions[match["name"]] = match["version"]
    return versions


if __name__ == "__main__":
    for name, version in lowest(*sys.argv[1:]).items():
        print(f"{name}=={version}")
