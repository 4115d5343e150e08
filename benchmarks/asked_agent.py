"""The hook that asks an agent, beside what others would use: wall time, and the processors' time of both processes."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cold_start import cosign_verify
from benchmarks.harness import ROOT, Row, Side, child_environment, compare, peer, process, python

_AIM = 0.5
_AGAINST = "`cosign verify-blob --key`, whole process, the same file"
_TITLE = "`verify-preload --agent --out`, whole process, a bundle of 1 MiB"
_CPU = ", CPU seconds of the hook and of the agent"


def by_agent(room: Path, rounds: int) -> Iterator[Row]:
    """Rows of the hook with an agent, for what lies in `room` (`benchmarks.preload`)."""
    cosign = peer("cosign")
    if cosign is None:
        for title in (_TITLE, _TITLE + _CPU):
            yield Row(title=title, against=_AGAINST, target=_AIM, note="cosign is not on PATH")
        return
    theirs = cosign_verify(cosign, room / "authz.tar.gz", room)
    with _started(room) as agent:
        ours = process([*_script(room), *_line(room)], room)
        yield compare(ours, theirs, title=_TITLE, against=_AGAINST, rounds=rounds, target=_AIM)
        yield _processor_time(ours, theirs, agent, rounds)
        entry = process([*python("-m", "verifier", "preload"), *_line(room)], room)
        title = "`verify preload --agent --out`, whole process, a bundle of 1 MiB"
        yield compare(entry, theirs, title=title, against=_AGAINST, rounds=rounds)
        nothing = process(python("-I", "-S", "-c", "pass"), room)
        yield compare(ours, nothing, title=_TITLE, against="Python that does nothing (`-I -S`)", rounds=rounds)


def _script(room: Path) -> list[str]:
    """`verify-preload` as a wheel installs it: beside an interpreter, with this release in its folder of packages."""
    programs = room / "installed" / "bin"
    packages = room / "installed" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    for folder in (programs, packages):
        folder.mkdir(parents=True, exist_ok=True)
    for link, target in ((packages / "verifier", ROOT / "verifier"), (programs / "python3", Path(sys.executable))):
        if not link.is_symlink():
            link.symlink_to(target.resolve())
    (programs / "verify-preload").write_bytes((ROOT / "verifier" / "cli" / "asking" / "verify-preload").read_bytes())
    (programs / "verify-preload").chmod(0o755)
    return [str(programs / "verify-preload")]


def _line(room: Path) -> list[str]:
    said = {"--verdict": "authz.vsa.json", "--policy": "trust.toml", "--out": "loaded.tar.gz", "--agent": "agent.sock"}
    words = [word for flag, name in said.items() for word in (flag, str(room / name))]
    return [str(room / "authz.tar.gz"), *words, "--ledger", f"sqlite://{room}/ledger.db", "--agent-required"]


@contextmanager
def _started(room: Path) -> Iterator[int]:
    """The process number of an agent that listens."""
    said = ["--policy", str(room / "trust.toml"), "--ledger", f"sqlite://{room}/ledger.db"]
    command = python("-m", "verifier", "agent", *said, "--socket", str(room / "agent.sock"), "--log-format", "json")
    environment = child_environment(os.environ, room)
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        assert "agent.started" in started.stderr.readline()
        try:
            yield started.pid
        finally:
            started.terminate()
            started.stderr.read()


def _processor_time(ours: Side, theirs: Side, agent: int, rounds: int) -> Row:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for side, times in zip((ours, theirs), taken, strict=True):
            before = _spent(agent)
            side()
            times.append(_spent(agent) - before)
    first, second = (statistics.median(times[1:]) for times in taken)
    return Row(title=_TITLE + _CPU, against=_AGAINST + ", CPU seconds", ours=first, theirs=second, target=_AIM)


def _spent(agent: int) -> float:
    """Seconds of all children that have ended, and of the agent's threads."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    threads = (each / "schedstat" for each in Path(f"/proc/{agent}/task").iterdir())
    return children.ru_utime + children.ru_stime + sum(int(each.read_text().split()[0]) for each in threads) / 1e9
