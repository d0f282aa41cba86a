"""The version, apart so that packaging reads it without an import."""

__version__ = "0.1.0"
