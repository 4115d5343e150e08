"""What reading one input costs: memory above what the same process had before, and CPU seconds, in a child of its own.

* the child is forked when everything is imported and a tiny bundle has been verified: that is the baseline
* what is measured is grown in another child: a process that has made much and given it back would hide what is made
* memory is the peak of what is resident, so that what is given back is counted too
* a child that takes more than `HARD_BYTES` or `HARD_SECONDS` is ended by the system, and counts as that much
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import signal
import sys
import time
import warnings
from collections.abc import Callable
from typing import Final, NamedTuple

MOST_BYTES: Final = 400 * 1024 * 1024
"""Bytes above the baseline that any input of up to a mebibyte may take before a signature is looked at."""
MOST_SECONDS: Final = 5.0
"""CPU seconds likewise."""
HARD_BYTES: Final = 3 * 1024**3
HARD_SECONDS: Final = 30


class Cost(NamedTuple):
    """What one input took; `codes` are what it was answered with."""

    memory: int
    seconds: float
    codes: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """How much of what is allowed: 1 is the bound."""
        return max(self.memory / MOST_BYTES, self.seconds / MOST_SECONDS)


def apart(make: Callable[[], bytes]) -> bytes:
    """What `make` returns, made in a child; raises `RuntimeError` where it makes nothing."""

    def bounded() -> bytes:
        _bounded(HARD_BYTES)
        return make()

    child, receiving = _forked(bounded)
    with os.fdopen(receiving, "rb") as answer:
        made = answer.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"nothing was made: status {status}")
    return made


def measured(read: Callable[[bytes], tuple[str, ...]], content: bytes, *, hard_bytes: int = HARD_BYTES) -> Cost:
    """The cost of `read(content)`, which answers with reason codes."""

    def judged() -> bytes:
        _bounded(hard_bytes)
        return json.dumps(_in_the_child(read, content)).encode()

    gc.collect()
    _give_back()
    baseline = _resident()
    child, receiving = _forked(judged)
    with os.fdopen(receiving, "rb") as answer:
        told = answer.read()
    _, status, used = os.wait4(child, 0)
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    seconds = used.ru_utime + used.ru_stime
    if not told or status:
        ended = f"ended by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "ended without an answer"
        return Cost(max(peak - baseline, 0), max(seconds, 0.0), (ended,))
    codes, took = json.loads(told)
    return Cost(max(peak - baseline, 0), took, tuple(codes))


def _forked(make: Callable[[], bytes]) -> tuple[int, int]:
    """A child that writes what `make` returns, and where to read it."""
    receiving, sending = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # who runs tests has threads, which the child does not need
        child = os.fork()
    if child:
        os.close(sending)
        return child, receiving
    status = 1
    try:
        with os.fdopen(sending, "wb") as answer:
            answer.write(make())
        status = 0
    finally:
        os._exit(status)


def _give_back() -> None:
    """Memory that was freed goes back to the system: the child would take it, and nobody would see."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _in_the_child(read: Callable[[bytes], tuple[str, ...]], content: bytes) -> tuple[tuple[str, ...], float]:
    began = time.process_time()
    try:
        codes = read(content)
    except MemoryError:
        codes = ("MemoryError",)
    except Exception as error:  # noqa: BLE001 - what a reader lets out is a finding, and named
        codes = (f"raises {type(error).__name__}",)
    return codes[:20], time.process_time() - began


def _bounded(hard_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (HARD_SECONDS, HARD_SECONDS))
    size = _virtual() + hard_bytes
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    gc.enable()


def _resident() -> int:
    return _pages(1)


def _virtual() -> int:
    return _pages(0)


def _pages(field: int) -> int:
    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - a file of the kernel's
        return int(statm.read().split()[field]) * resource.getpagesize()
