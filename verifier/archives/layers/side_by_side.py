"""Several layers of an image at once, each in a thread: hashing and unpacking let the others run meanwhile.

* results are in the order of the layers, and do not depend on which was read faster
* of several that are refused the lowest is told; what lies above it is no longer read
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import TypeVar

from verifier.archives.layers.limits import DEFAULT_IMAGE_LIMITS, ImageLimits, Usage
from verifier.archives.layers.packing import PackedLayer
from verifier.archives.layers.read import HashedLayer, Turn, hash_layer, read_layer
from verifier.archives.layers.table import Hashing, LayerTable, Visit

Read = TypeVar("Read", LayerTable, HashedLayer)


class _Abandoned(Exception):
    """A layer that no longer matters: one below it was refused."""


def read_layers(
    layers: Sequence[PackedLayer],
    *,
    threads: int,
    limits: ImageLimits = DEFAULT_IMAGE_LIMITS,
    visits: Callable[[int], Visit | None] = lambda _: None,
    digests: Hashing = "none",
) -> tuple[LayerTable, ...]:
    """The tables of an image's layers, lowest first; `Refused` for the lowest that is not sound, or with which the
    image is too large. At most `threads` are read at once; `visits` says, of a layer's number, who looks at its files:
    it, and what it returns, is called in the thread of that layer."""

    def read(layer: PackedLayer, turn: Turn) -> LayerTable:
        return read_layer(layer, limits=limits, visit=visits(turn.number), digests=digests, turn=turn)

    return _side_by_side(layers, read, threads=threads, limits=limits)


def hash_layers(
    layers: Sequence[PackedLayer], *, threads: int, limits: ImageLimits = DEFAULT_IMAGE_LIMITS
) -> tuple[HashedLayer, ...]:
    """The digests of an image's layers, likewise."""

    def read(layer: PackedLayer, turn: Turn) -> HashedLayer:
        return hash_layer(layer, limits=limits, turn=turn)

    return _side_by_side(layers, read, threads=threads, limits=limits)


def _side_by_side(
    layers: Sequence[PackedLayer], read: Callable[[PackedLayer, Turn], Read], *, threads: int, limits: ImageLimits
) -> tuple[Read, ...]:
    usage, lowest = Usage(limits, len(layers)), _Lowest(len(layers))

    def one(number: int) -> Read:
        try:
            lowest.proceed(number)
            return read(layers[number], Turn(number=number, usage=usage, proceed=lambda: lowest.proceed(number)))
        except BaseException:
            lowest.failed(number)
            raise

    if min(threads, len(layers)) < 2:
        results = [one(number) for number in range(len(layers))]
    else:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - where there are several

        with ThreadPoolExecutor(min(threads, len(layers)), "layer") as pool:
            try:
                results = list(pool.map(one, range(len(layers))))  # raises what the lowest has raised
            except BaseException:  # whoever interrupts this does not wait for layers that nobody wants any more
                lowest.failed(-1)
                raise
    for number, layer in enumerate(layers):
        usage.require(number, subject=layer.subject)
    return tuple(results)


class _Lowest:
    """The lowest layer that was not read to its end."""

    def __init__(self, layers: int) -> None:
        self._number = layers
        self._lock = Lock()

    def failed(self, number: int) -> None:
        """This one was not."""
        with self._lock:
            self._number = min(self._number, number)

    def proceed(self, number: int) -> None:
        """Raises `_Abandoned` in a layer above it."""
        if number > self._number:
            raise _Abandoned
