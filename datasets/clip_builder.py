"""Base class of the TFDS builders that read clips from files.

It handles bad clips and records what was read. The records are in the folder
of the data: TFDS prepares it under another name and renames it when it is
complete, so that neither ever exists without the other.
"""

import hashlib
import itertools
import json
import os
import pathlib
import warnings

import tensorflow_datasets as tfds

ON_BAD_CLIP = ("stop", "quarantine")
QUARANTINE_FILE = "quarantine.json"
SOURCES_FILE = "sources.json"


class ClipBuilder(  # type: ignore[call-arg]
    tfds.core.GeneratorBasedBuilder, skip_registration=True
):
    """Builds clips from files.

    Args:
        on_bad_clip: `"stop"` raises an error at the first clip that cannot be
            used; `"quarantine"` leaves such clips out and lists them, with
            reasons, in `quarantine.json` next to the data.
        manual_dir: Folder of the files, unless the download config names it.
        **kwargs: Arguments of `tfds.core.GeneratorBasedBuilder`.

    Raises:
        ValueError: If `on_bad_clip` is neither of these.

    Example:

    >>> from pose_tf.datasets.penn_action import penn_action_dataset_builder
    >>> issubclass(penn_action_dataset_builder.Builder, ClipBuilder)
    True
    """

    DOWNLOADS = False  # Whether files are downloaded without a manual_dir.

    def __init__(self, *, on_bad_clip="stop", manual_dir=None, **kwargs):
        if on_bad_clip not in ON_BAD_CLIP:
            raise ValueError(
                f"`on_bad_clip` must be one of {', '.join(ON_BAD_CLIP)}. "
                f"Received: {on_bad_clip!r}"
            )
        self.on_bad_clip = on_bad_clip
        self._manual_dir = manual_dir
        self._quarantined = []
        super().__init__(**kwargs)

    def find_sources(self, manual_dir) -> list[pathlib.Path]:
        """Returns the files under `manual_dir` that are read, in order.

        Raises:
            FileNotFoundError: If there are none.
        """
        raise NotImplementedError

    def download_and_prepare(self, *, download_config=None, **kwargs):
        """Prepares the dataset as TFDS does, but checks the manual directory.

        Args:
            download_config: `tfds.download.DownloadConfig`, or None.
            **kwargs: Other arguments of TFDS's method.

        Raises:
            FileNotFoundError: If the manual directory holds no clips.
            ValueError: If the prepared dataset was built from other files than
                those in the manual directory, or a clip cannot be used.
        """
        # Kept, since TFDS sets a default if no directory is named.
        download_config = download_config or tfds.download.DownloadConfig()
        self._manual_dir = download_config.manual_dir or self._manual_dir
        self._quarantined = []
        if self._manual_dir:
            sources = self.find_sources(self._manual_dir)
            if not download_config.download_mode.overwrite_dataset:
                self._check_prepared_from(sources)
        super().download_and_prepare(download_config=download_config, **kwargs)
        if (path := self.data_path / QUARANTINE_FILE).exists():
            num_clips = len(json.loads(path.read_text()))
            warnings.warn(
                f"{num_clips} bad clips left out: see {path}", stacklevel=2
            )

    def _check_prepared_from(self, sources):
        record = self.data_path / SOURCES_FILE
        if record.exists() and record.read_text() != _record(sources):
            raise ValueError(
                f"{self.data_path} was prepared from other files than "
                "`manual_dir` holds; delete it, or name another `data_dir`. "
                f"Received: {self._manual_dir}"
            )

    def _usable(self, sources, read):
        """Yields the clips of `read(source)`, without those that are unusable.

        Raises:
            ValueError: From `read`, unless bad clips are quarantined.
        """
        for source in sources:
            try:
                clips = read(source)
            except ValueError as error:
                if self.on_bad_clip == "stop":
                    raise
                bad = {"file": source.name, "reason": str(error)}
                self._quarantined.append(bad)
            else:
                yield from clips
        self._write_records()

    def _examples(self, by_split):
        """Returns the examples of the splits that have any usable clip.

        Args:
            by_split: Dict from names of splits to iterables of clips.

        Raises:
            ValueError: If there is no training clip.
        """
        examples = {}
        for split, clips in by_split.items():
            clips = iter(clips)
            # TFDS refuses splits without examples: read the first one ahead.
            for first in itertools.islice(clips, 1):
                examples[split] = self._generate_examples(
                    itertools.chain([first], clips)
                )
        if "train" not in examples:
            bad = [clip["reason"] for clip in self._quarantined]
            raise ValueError(
                "at least one training clip must be usable. Received: none, "
                f"and {len(bad)} bad clips"
                + (f", the first of them: {bad[0]}" if bad else "")
            )
        return examples

    def _generate_examples(self, split_clips):
        for clip in split_clips:
            yield clip["clip_id"], clip

    def _write_records(self):
        if self._manual_dir:
            sources = self.find_sources(self._manual_dir)
            (self.data_path / SOURCES_FILE).write_text(_record(sources))
        if self._quarantined:
            text = json.dumps(self._quarantined, indent=2) + "\n"
            (self.data_path / QUARANTINE_FILE).write_text(text)


def _record(sources):
    """Returns a digest of files that does not depend on their folder."""
    parent = os.path.commonpath([source.parent for source in sources])
    digest = hashlib.sha256()
    for source in sources:
        digest.update(f"{source.relative_to(parent)}\0".encode())
        if source.is_file():
            digest.update(source.read_bytes())
    values = {"num_files": len(sources), "sha256": digest.hexdigest()}
    return json.dumps(values, indent=2) + "\n"
