"""Sides of benchmarks that need only Python."""

import os
import signal


def _log(path, name):
    with open(path, "a") as file:
        file.write(f"{name} {os.getpid()}\n")


def fast(path):
    """Returns a measure that logs its process and returns 1, 2, 3, …"""
    numbers = iter(range(1, 100))

    def measure():
        _log(path, "fast")
        return next(numbers)

    return {"number": measure}


def slow(path):
    """Returns a measure that logs its process and returns a list of median 2."""

    def measure():
        _log(path, "slow")
        return [2, 1, 5]

    return {"number": measure}


def crashing(path):
    """Returns a measure that ends in a segmentation fault."""
    return {"number": lambda: os.kill(os.getpid(), signal.SIGSEGV)}


def raising(path):
    """Returns a measure that raises."""
    return {"number": lambda: 1 / 0}


def absent(path):
    """Raises at once, as a side does whose library is missing."""
    raise ImportError("no such library")


def talkative(path):
    """Returns a measure that prints, as libraries do."""

    def measure():
        print("a library's words", flush=True)
        return 3

    return {"number": measure}


def tensorflow():
    """Returns a measure that takes TensorFlow; see `test_terminal`."""
    import tensorflow as tf

    return {"version": lambda: int(tf.__version__.split(".")[0])}
