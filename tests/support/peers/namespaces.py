"""Machines of our own: network namespaces, each with a line to the server's; skipped where they are forbidden."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Node:
    """One machine: what its processes are run by, and the server's address as it sees it."""

    name: str
    server: str
    line: str

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)

    def cut(self) -> None:
        """Take its line away."""
        _ip("-n", self.name, "link", "set", "eth0", "down")

    def mend(self) -> None:
        """Give its line back."""
        _ip("-n", self.name, "link", "set", "eth0", "up")


@dataclass(frozen=True, kw_only=True)
class Network:
    """A server's machine and some nodes."""

    name: str
    nodes: tuple[Node, ...]

    @property
    def prefix(self) -> tuple[str, ...]:
        return ("ip", "netns", "exec", self.name)


@contextlib.contextmanager
def network(count: int) -> Iterator[Network]:
    """As many nodes, each on a point-to-point line to the server; skipped where `ip netns add` is not permitted."""
    if shutil.which("ip") is None or shutil.which("setpriv") is None:
        pytest.skip("no `ip` or no `setpriv`")
    made = f"verifier-{os.getpid()}-{next(_NUMBERS)}"
    try:
        _ip("netns", "add", made)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"network namespaces are not permitted here: {error.stderr.strip()}")
    with contextlib.ExitStack() as stack:
        stack.callback(_ip, "netns", "delete", made)
        _ip("-n", made, "link", "set", "lo", "up")
        yield Network(name=made, nodes=tuple(_node(stack, made, number) for number in range(count)))


def _node(stack: contextlib.ExitStack, server: str, number: int) -> Node:
    name, line, subnet = f"{server}-{number}", f"node{number}", f"10.203.{number}"
    _ip("netns", "add", name)
    stack.callback(_ip, "netns", "delete", name)
    _ip("link", "add", "eth0", "netns", name, "type", "veth", "peer", "name", line, "netns", server)
    for namespace, device, host in ((server, line, 1), (name, "eth0", 2)):
        _ip("-n", namespace, "address", "add", f"{subnet}.{host}/30", "dev", device)
        _ip("-n", namespace, "link", "set", device, "up")
    return Node(name=name, server=f"{subnet}.1", line=line)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=60)
