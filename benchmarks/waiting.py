"""`python -m benchmarks.waiting HOST PORT PATH COUNT [idle]`: clients that hold a long poll each, over and over.

Where a server knows no long polls, `idle` clients keep their connections open and ask nothing more. Prints "ready" once
every client has its first answer and has gone on to wait; runs until it is stopped.
"""

from __future__ import annotations

import asyncio
import resource
import sys

_WAIT_S = 300


async def main(host: str, port: int, path: str, count: int, *, idle: bool) -> None:
    """Open the connections a few at a time, as a fleet does, then hold them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 256)), hard))
    opening = asyncio.Semaphore(50)
    waiting = asyncio.Queue[None]()

    async def client() -> None:
        async with opening:
            reader, writer = await asyncio.open_connection(host, port)
            etag = await _ask(reader, writer, host, path, etag="", wait=0)
            waiting.put_nowait(None)
        if idle:
            await reader.read()
            raise ConnectionError("the server ended an idle connection")
        while True:
            etag = await _ask(reader, writer, host, path, etag=etag, wait=_WAIT_S)

    async with asyncio.TaskGroup() as group:
        for _ in range(count):
            group.create_task(client())
        for _ in range(count):
            await waiting.get()
        print("ready", flush=True)


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, path: str, *, etag: str, wait: int
) -> str:
    """One question; the entity tag of its answer."""
    condition = f"If-None-Match: {etag}\r\n" if etag else ""
    prefer = f"Prefer: modes=snapshot;wait={wait}\r\n" if wait else ""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{condition}{prefer}\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.rstrip().split("\r\n")
    if status.split()[1] not in {"200", "304"}:
        raise ConnectionError(status)
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    if status.split()[1] == "200":
        await reader.readexactly(int(headers["content-length"]))
    return headers.get("etag", etag)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), idle="idle" in sys.argv))
