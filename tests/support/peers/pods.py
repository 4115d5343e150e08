"""Runs the containers of a Kubernetes manifest, and the commands of a systemd unit, on this machine as they stand.

A container sees a file system of its own (bubblewrap): this machine's programs read-only, `verify` in /usr/local/bin,
its volumes where the manifest mounts them, and nothing else that could be written to. The containers of a pod share a
network of their own. The kubelet's other duties are not played.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable, missing
from tests.support.places import ROOT

_SYSTEM = ("/usr", "/etc/ssl", "/etc/passwd", "/etc/resolv.conf", "/etc/hosts")


@dataclass(frozen=True, kw_only=True)
class Mount:
    """A folder of this machine, where a container sees it."""

    source: Path
    path: str
    read_only: bool = False


@dataclass(kw_only=True)
class Pod:
    """A network namespace (that of process `pid`), and the programs that its containers see in /usr/local/bin."""

    pid: int
    programs: Path
    started: list[subprocess.Popen] = field(default_factory=list)

    def run(self, argv: list[str], mounts: list[Mount], environment: Mapping[str, str]) -> subprocess.CompletedProcess:
        """A container that ends."""
        command = self._command(argv, mounts, environment)
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def start(self, argv: list[str], mounts: list[Mount], environment: Mapping[str, str], log: Path) -> None:
        """A container that runs until the pod ends."""
        with log.open("wb") as output:
            command = self._command(argv, mounts, environment)
            self.started.append(subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT))

    def answer(self, url: str, *, within_s: float = PATIENCE_S) -> str:
        """What a server in the pod answers, once it answers."""
        deadline = time.monotonic() + within_s
        fetch = [*self._inside(), "curl", "--silent", "--fail", "--max-time", "5", url]
        while True:
            done = subprocess.run(fetch, capture_output=True, text=True, check=False)
            if done.returncode == 0 or time.monotonic() > deadline:
                assert done.returncode == 0, f"{url} does not answer: {done.stderr}"
                return done.stdout

    def _inside(self) -> list[str]:
        return ["nsenter", "--target", str(self.pid), "--net"]

    def _command(self, argv: list[str], mounts: list[Mount], environment: Mapping[str, str]) -> list[str]:
        bwrap = [executable("bwrap", "BWRAP"), "--tmpfs", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108
        shared = {*_SYSTEM, sys.prefix, sys.base_prefix, str(ROOT), os.path.realpath(executable("opa", "OPA"))}
        for path in sorted(filter(os.path.exists, shared)):
            bwrap += ["--ro-bind", path, path]
        for link in ("bin", "lib", "lib64"):
            bwrap += ["--symlink", f"usr/{link}", f"/{link}"]
        bwrap += ["--ro-bind", str(self.programs), "/usr/local/bin"]
        for mount in mounts:
            bwrap += ["--ro-bind" if mount.read_only else "--bind", str(mount.source), mount.path]
        known = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))}
        bwrap += ["--remount-ro", "/", "--clearenv", "--die-with-parent", "--unshare-pid"]
        for name, value in (known | dict(environment)).items():
            bwrap += ["--setenv", name, value]
        return [*self._inside(), *bwrap, "--", *argv]


@contextmanager
def pod(folder: Path, *, network: bool = True) -> Iterator[Pod]:
    """A pod without containers, by default with a network of its own; what is started in it ends with it."""
    programs = folder / "programs"
    programs.mkdir()
    for name, command in (
        ("verify", f'"{sys.executable}" -m verifier'),
        ("python", f'"{sys.executable}"'),
        ("opa", f'"{os.path.realpath(executable("opa", "OPA"))}"'),
    ):
        (programs / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (programs / name).chmod(0o755)
    held = subprocess.Popen(
        [*(["unshare", "--net"] if network else []), "sh", "-c", "ip link set lo up && echo up && exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert held.stdin is not None
    assert held.stdout is not None
    with held:
        if held.stdout.readline() != "up\n":
            missing("a network namespace cannot be made here (it needs root)")
        made = Pod(pid=held.pid, programs=programs)
        try:
            yield made
        finally:
            for process in made.started:
                process.kill()
                process.wait()
            held.stdin.close()
