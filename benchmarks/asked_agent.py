"""Commands that ask an agent, beside what others would use: wall time, and the processors' time of both processes."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.harness import ROOT, Process, Row, Side, child_environment, compare, process, python
from verifier.ledger.open import create_ledger_url

COSIGN = "`cosign verify-blob --key`, whole process, the same file"
NO_COSIGN = "cosign is not on PATH"


def hook_by_agent(room: Path, theirs: Side | None, rounds: int) -> Iterator[Row]:
    """Rows of the hook for what lies in `room` (`benchmarks.preload`), beside cosign."""
    said = {"--verdict": "authz.vsa.json", "--policy": "trust.toml", "--out": "loaded.tar.gz"}
    line = [str(room / "authz.tar.gz"), *(word for flag, name in said.items() for word in (flag, str(room / name)))]
    what = ", whole process, a bundle of 1 MiB"
    yield from _beside(room, "preload", line, theirs, rounds, what=what, more=" --out", target=0.5)


def bundle_by_agent(room: Path, bundle: Path, policy: str, theirs: Side | None, rounds: int) -> Iterator[Row]:
    """Rows of a bundle that is judged in full under a policy, in a folder of their own, beside cosign."""
    (room / "trust.toml").write_text(policy)
    create_ledger_url(f"sqlite://{room}/ledger.db")
    line = [str(bundle), "--name", "authz", "--policy", str(room / "trust.toml")]
    what = ", whole process, the example bundle"
    yield from _beside(room, "bundle", line, theirs, rounds, what=what, target=0.6)


def _beside(  # noqa: PLR0913 - what makes a row
    room: Path,
    command: str,
    line: list[str],
    theirs: Side | None,
    rounds: int,
    *,
    what: str,
    target: float,
    more: str = "",
) -> Iterator[Row]:
    title = f"`verify-ask {command} --agent{more}`{what}"
    spent = ", CPU seconds of it and of the agent"
    if theirs is None:
        for each in (title, title + spent):
            yield Row(title=each, against=COSIGN, target=target, note=NO_COSIGN)
        return
    with agent_at(room) as agent:
        ours = asking(room, command, *line)
        yield compare(ours, theirs, title=title, against=COSIGN, rounds=rounds, target=target)
        yield _processor_time(ours, theirs, agent, rounds, title=title + spent, target=target)
        usual = process([*python("-m", "verifier", command), *line, *_agent(room)], room)
        yield compare(usual, theirs, title=title.replace("-ask", ""), against=COSIGN, rounds=rounds)
        nothing = process(python("-I", "-S", "-c", "pass"), room)
        yield compare(ours, nothing, title=title, against="Python that does nothing (`-I -S`)", rounds=rounds)


def asking(room: Path, command: str, *line: str) -> Process:
    """`verify-ask` of the agent in `room`, as a wheel installs it: beside an interpreter, with this release in its
    folder of packages."""
    programs = room / "installed" / "bin"
    packages = room / "installed" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    for folder in (programs, packages):
        folder.mkdir(parents=True, exist_ok=True)
    for link, target in ((packages / "verifier", ROOT / "verifier"), (programs / "python3", Path(sys.executable))):
        if not link.is_symlink():
            link.symlink_to(target.resolve())
    script = programs / "verify-ask"
    script.write_bytes((ROOT / "verifier" / "cli" / "asking" / "verify-ask").read_bytes())
    script.chmod(0o755)
    return process([str(script), command, *line, *_agent(room)], room)


def _agent(room: Path) -> list[str]:
    return ["--ledger", f"sqlite://{room}/ledger.db", "--agent", str(room / "agent.sock"), "--agent-required"]


@contextmanager
def agent_at(room: Path) -> Iterator[int]:
    """The process number of an agent that listens in `room`, by the policy and the ledger there."""
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


def _processor_time(ours: Side, theirs: Side, agent: int, rounds: int, *, title: str, target: float) -> Row:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for side, times in zip((ours, theirs), taken, strict=True):
            before = _spent(agent)
            side()
            times.append(_spent(agent) - before)
    first, second = (statistics.median(times[1:]) for times in taken)
    return Row(title=title, against=f"{COSIGN}, CPU seconds", ours=first, theirs=second, target=target)


def _spent(agent: int) -> float:
    """Seconds of all children that have ended, and of the agent's threads."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    threads = (each / "schedstat" for each in Path(f"/proc/{agent}/task").iterdir())
    return children.ru_utime + children.ru_stime + sum(int(each.read_text().split()[0]) for each in threads) / 1e9
