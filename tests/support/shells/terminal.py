"""A terminal with a shell in it, for tests: keys go in, and what is on the screen comes out. It is tmux's."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.peers.peers import executable

PROMPT = "ready>"


class Terminal:
    """One session of a tmux server of its own."""

    name = ""
    """What is started in it."""

    def __init__(self, socket: Path) -> None:
        self._tmux = [executable("tmux", "TMUX_PROGRAM"), "-S", str(socket), "-f", "/dev/null"]

    def _run(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], capture_output=True, text=True, check=True)
        return done.stdout

    def start(self, command: list[str], folder: Path, environment: dict[str, str], columns: int = 100) -> None:
        """Start `command` there, with this environment and no other."""
        settings = [f"{name}={text}" for name, text in environment.items()]
        line = shlex.join(["env", "-i", *settings, *command])
        self._run("new-session", "-d", "-x", str(columns), "-y", "50", "-c", str(folder), line)

    def keys(self, *keys: str) -> None:
        """Press keys that have a name, such as Enter, Tab and C-u."""
        self._run("send-keys", *keys)

    def write(self, text: str) -> None:
        """Type a text as it is."""
        self._run("send-keys", "-l", "--", text)

    def screen(self) -> str:
        """What is shown, without empty lines at its end."""
        return self._run("capture-pane", "-p", "-J").rstrip("\n")

    def shows(self, wanted: Callable[[str], bool]) -> str:
        """The screen, as soon as it is as wanted; each look starts a process."""
        end = time.monotonic() + PATIENCE_S
        while not wanted(shown := self.screen()):
            assert time.monotonic() < end, f"this never came to be:\n{shown}"
        return shown

    def stop(self) -> None:
        """End the shell, and the server."""
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)


@contextlib.contextmanager
def terminal(folder: Path) -> Iterator[Terminal]:
    """A terminal, whose socket lies in `folder`."""
    made = Terminal(folder / "tmux")
    try:
        yield made
    finally:
        made.stop()
