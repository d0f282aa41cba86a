"""Files as other tools write them, of two made-up people.

    python -m tests.support.recordings FOLDER

writes one of every kind into FOLDER. Both people are in all frames and never
touch, see `two_people`, unless a writer says something else.
"""

import argparse
import contextlib
import pathlib

from tests.support import json_recordings, space_recordings, tool_recordings

# By dialect: functions that write a file or folder into a folder, as that tool
# would name it, and return its path.
SAMPLES = {
    **json_recordings.SAMPLES,
    **tool_recordings.SAMPLES,
    **space_recordings.SAMPLES,
}
# Those that write one file of JSON.
IN_JSON = [
    write
    for writers in json_recordings.SAMPLES.values()
    for write in writers
    if write not in (*json_recordings.FOLDERS, *json_recordings.TABLES)
] + [*tool_recordings.IN_JSON]
# Those that write one text file of lines.
IN_LINES = [
    *json_recordings.TABLES,
    *tool_recordings.TABLES,
    space_recordings.write_ntu,
    space_recordings.write_trc,
]


def write_all(folder) -> list[pathlib.Path]:
    """Writes all samples into a folder; returns their paths.

    Formats whose own package is not installed are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for writers in SAMPLES.values():
        for write in writers:
            with contextlib.suppress(ModuleNotFoundError):
                paths.append(write(folder))
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=pathlib.Path, help="Folder to write to.")
    for path in write_all(parser.parse_args().folder):
        print(path)
