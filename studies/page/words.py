"""Puts numbers of a plan into words, for the sentences of a page."""


def of_length(length: int) -> str:
    """Returns a window's length in words; 0 means whole clips."""
    if not length:
        return "whole clips"
    return "single frames" if length == 1 else f"windows of {length} frames"


def of_epochs(count: int) -> str:
    """Returns a number of epochs in words."""
    return f"{count} epoch{'' if count == 1 else 's'}"
