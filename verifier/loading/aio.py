"""The library for an event loop: the same calls, each in a thread, for what they do is reading, proving and asking.

* an answer is the same as that of the call without `_async`, and so are its errors
* the loop goes on meanwhile; how much runs at once is bounded
* whoever stops waiting loses the answer, and nothing else: what has begun is carried to its end, and an acceptance
  that it came to is in the ledger, as it is after any lost answer
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial, wraps
from types import TracebackType
from typing import Concatenate, ParamSpec, TypeVar

from verifier.engine.facade import require, verify, verify_image
from verifier.loading.loader import Loader
from verifier.loading.preload import preload

Given = ParamSpec("Given")
T = TypeVar("T")

_THREADS = 4
"""Enough for reading and asking to overlap; proving is bound by the cores."""


def _in_thread(call: Callable[Given, T]) -> Callable[Given, Awaitable[T]]:
    @wraps(call)
    async def run(*given: Given.args, **said: Given.kwargs) -> T:
        return await asyncio.to_thread(call, *given, **said)

    return run


verify_async = _in_thread(verify)
"""`verifier.verify`, awaited."""
require_async = _in_thread(require)
"""`verifier.require`, awaited: it raises `Denied` for a denial."""
verify_image_async = _in_thread(verify_image)
"""`verifier.verify_image`, awaited."""
preload_async = _in_thread(preload)
"""`verifier.preload`, awaited."""


def _by_loader(
    bound: Callable[[Loader], Callable[Given, T]],
) -> Callable[Concatenate[AsyncLoader, Given], Awaitable[T]]:
    async def run(loading: AsyncLoader, /, *given: Given.args, **said: Given.kwargs) -> T:
        work = partial(bound(loading.loader), *given, **said)
        return await asyncio.get_running_loop().run_in_executor(loading.threads, work)

    return run


class AsyncLoader:
    """A `Loader` for an event loop: `load`, `require` and `standing` take what the loader's take, and are awaited.

        async with AsyncLoader(loader) as loading:
            verified = await loading.require(artifact, verdict, name="authz", now=now, correlation_id=request_id)

    At most `threads` calls run at once; further ones wait for their turn without holding up the loop.
    """

    def __init__(self, loader: Loader, *, threads: int = _THREADS) -> None:
        self.loader = loader
        self.threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="verifier-loader")

    load = _by_loader(lambda loader: loader.load)
    require = _by_loader(lambda loader: loader.require)
    standing = _by_loader(lambda loader: loader.standing)

    async def close(self) -> None:
        """Wait for what has begun; what is asked afterwards is a `RuntimeError`."""
        await asyncio.to_thread(self.threads.shutdown)

    async def __aenter__(self) -> AsyncLoader:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
