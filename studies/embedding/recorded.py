"""The names of config fields in the options of runs.

Digests, and with them the finished runs, depend on the names that the fields
had when the study was first run; the configs have renamed some since.
"""

from typing import Any

_RECORDED = {
    "filters": "conv_dim",
    "nll_weight": "likelihood_rate",
    "units": "lstm_dim",
    "use_occluded": "occluded",
}
_FIELDS = {old: new for new, old in _RECORDED.items()}


def options(**fields) -> dict[str, Any]:
    """Returns fields of a config under the names that runs record."""
    return {_RECORDED.get(name, name): v for name, v in fields.items()}


def fields(options: dict[str, Any]) -> dict[str, Any]:
    """Returns recorded options under the names of the config's fields."""
    return {_FIELDS.get(name, name): v for name, v in options.items()}
