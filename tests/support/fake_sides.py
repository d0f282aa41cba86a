"""Sides of benchmarks that need no more than Python."""

import os
import signal


def _log(path, name):
    with open(path, "a") as file:
        file.write(f"{name} {os.getpid()}\n")


def fast(path):
    """Returns a measure that says who ran and gives 1, 2, 3, …"""
    figures = iter(range(1, 100))

    def measure():
        _log(path, "fast")
        return next(figures)

    return {"figure": measure}


def slow(path):
    """Returns a measure that says who ran and gives 2 each time, as a list."""

    def measure():
        _log(path, "slow")
        return [2, 1, 5]

    return {"figure": measure}


def crashing(path):
    """Returns a measure that ends in a segmentation fault."""
    return {"figure": lambda: os.kill(os.getpid(), signal.SIGSEGV)}


def raising(path):
    """Returns a measure that raises."""
    return {"figure": lambda: 1 / 0}


def absent(path):
    """Raises while it is made, as a side does whose library is missing."""
    raise ImportError("no such library")


def talkative(path):
    """Returns a measure that prints, as libraries do."""

    def measure():
        print("a library's words", flush=True)
        return 3

    return {"figure": measure}


def tensorflow():
    """Returns a measure that takes TensorFlow; see `test_terminal`."""
    import tensorflow as tf

    return {"version": lambda: int(tf.__version__.split(".")[0])}
