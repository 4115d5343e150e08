"""The agent at its socket: it waits for hooks in one thread, and judges for them in a few.

* one connection is one question and one answer; a question is there in whole at once, and is read without waiting
* whoever may not ask is told so and nothing else is read; whoever asks too much is told that there is no room
* connections, those of one user, bytes and time are bounded before anything is done for them
* a client that dies, lies or says nothing costs its own question; nothing that a client does is waited for
* when it is stopped, who waits in the kernel's queue is turned away, what was asked is answered, in bounded time
"""

from __future__ import annotations

import gc
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from verifier.agent import wire
from verifier.agent.answering import Answering, Received, received
from verifier.agent.judge import Judge
from verifier.agent.listening import Listening
from verifier.agent.peers import Peer, may_ask, peer_of
from verifier.agent.settings import (
    ANSWERING,
    GRACE_S,
    IDLE_S,
    MOST_BYTES,
    MOST_BYTES_OF_ONE_USER,
    MOST_CONNECTIONS,
    MOST_OF_ONE_USER,
    SWEPT_BYTES,
    AgentSettings,
    AgentSurroundings,
)
from verifier.agent.turns import Turns
from verifier.core.errors import ConfigurationError
from verifier.gateway.events import Event, Level

_AT_ONCE: Final = 16
"""Connections that are accepted before those that are open are served."""


_NOBODY: Final = -1
"""Who has not asked, for what the agent does by itself."""


class _Caller:
    """One connection."""

    def __init__(self, connection: socket.socket, peer: Peer) -> None:
        self.connection, self.peer = connection, peer
        self.ends = time.monotonic() + IDLE_S
        self.bytes = 0


class AgentServer:
    """One agent, at one socket or several. `run` serves until `stop`."""

    def __init__(
        self, settings: AgentSettings, around: AgentSurroundings, listening: Sequence[Listening], judge: Judge
    ) -> None:
        self._settings, self._around, self._listening, self._judge = settings, around, listening, judge
        self._answering = Answering(judge, around)
        self._selector = selectors.DefaultSelector()
        self._wake_end, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._stopping, self._reloading = threading.Event(), threading.Event()
        self._silent: dict[int, _Caller] = {}
        self._lock = threading.Lock()
        self._of_users: Counter[int] = Counter()
        self._bytes = self._unswept = 0
        self._bytes_of: Counter[int] = Counter()
        self._turns = Turns(ANSWERING, self._defect)

    def run(self) -> None:
        """Serve until told to stop; what was asked by then is answered."""
        for each in self._listening:
            self._selector.register(each.socket, selectors.EVENT_READ)
        self._selector.register(self._wake_end, selectors.EVENT_READ)
        self._tell("agent.started", policy=str(self._judge.policy.digest))
        try:
            while not self._stopping.is_set():
                self._turn()
        finally:
            self._drain()

    def stop(self) -> None:
        """Begin to end; may be called from any thread, and from a signal's handler."""
        self._stopping.set()
        self._wake()

    def reload_soon(self) -> None:
        """Read policy, keys and ledger anew; as `stop`."""
        self._reloading.set()
        self._wake()

    def _wake(self) -> None:
        with suppress(OSError):  # it is awake, or has ended
            self._waker.send(b"!")

    def _turn(self) -> None:
        now = time.monotonic()
        nearest = min((each.ends for each in self._silent.values()), default=now + 3600)
        for key, _ in self._selector.select(max(nearest - now, 0)):
            caller = self._silent.get(key.fd)
            if caller is not None:
                self._hear(caller)
            elif key.fileobj is self._wake_end:
                self._wake_end.recv(4096)
            else:
                self._accept(key.fileobj)
        if self._reloading.is_set():
            self._reloading.clear()
            self._turns.put(_NOBODY, self._reload)
        self._end_silent(time.monotonic())

    def _accept(self, listening: object) -> None:
        if not isinstance(listening, socket.socket):
            raise TypeError("only sockets listen")
        for _ in range(_AT_ONCE):
            try:
                connection, _ = listening.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:  # no descriptor is left: those that are open end soon
                self._tell("agent.accepting-paused", error=True, message=str(error.strerror))
                self._end_silent(float("inf"))
                return
            connection.setblocking(False)
            self._admit(connection)

    def _admit(self, connection: socket.socket) -> None:
        try:
            peer = peer_of(connection)
        except OSError:  # it has gone
            connection.close()
            return
        refusal = self._refusal(peer, connection)
        if refusal is not None:
            code, message = refusal
            self._tell(code, warning=True, user=peer.user, process=peer.process, message=message)
            _last_word(connection, wire.refused(code, message))
            return
        with self._lock:
            self._of_users[peer.user] += 1
        self._silent[connection.fileno()] = _Caller(connection, peer)
        self._selector.register(connection, selectors.EVENT_READ)

    def _refusal(self, peer: Peer, connection: socket.socket) -> tuple[str, str] | None:
        if not may_ask(peer, connection, self._settings):
            return "agent.forbidden", f"user {peer.user} may not ask"
        with self._lock:
            mine, everybody = self._of_users[peer.user], self._of_users.total()
        if mine >= MOST_OF_ONE_USER or everybody >= MOST_CONNECTIONS:
            return "agent.busy", f"{mine} connections of user {peer.user} and {everybody} in all are open"
        return None

    def _hear(self, caller: _Caller) -> None:
        """Take the question that is there, and have it answered."""
        self._selector.unregister(caller.connection)
        del self._silent[caller.connection.fileno()]
        try:
            question = received(caller.connection)
        except OSError:  # it has gone
            question = None
        if question is None:
            self._end(caller)
            return
        if not self._takes(caller, question.bytes):
            question.close()
            self._say(caller, wire.refused("agent.busy", f"{question.bytes} bytes more cannot be judged now"))
            self._end(caller)
            return
        self._turns.put(caller.peer.user, partial(self._answer, caller, question))

    def _takes(self, caller: _Caller, size: int) -> bool:
        """Whether there is room for so many bytes more, of this user and of all; then they are counted."""
        user = caller.peer.user
        with self._lock:
            fits = self._bytes + size <= MOST_BYTES and self._bytes_of[user] + size <= MOST_BYTES_OF_ONE_USER
            if fits:
                caller.bytes = size
                self._bytes += size
                self._bytes_of[user] += size
        return fits

    def _answer(self, caller: _Caller, question: Received) -> None:
        try:
            if not _has_gone(caller.connection):
                self._say(caller, self._answering.answer(question, caller.peer))
        finally:
            question.close()
            self._sweep(question.bytes)
            self._end(caller)

    def _sweep(self, size: int) -> None:
        """Let go of what was judged before its bytes count no more: what a denial has read hangs in cycles, for an
        exception knows its frames, and Python looks for these by their number, whatever their size."""
        with self._lock:
            self._unswept += size
            due = self._unswept >= SWEPT_BYTES
            if due:
                self._unswept = 0
        if due:
            gc.collect()

    def _say(self, caller: _Caller, answer: bytes) -> None:
        with suppress(OSError):  # nobody is there to hear it: a decision that was recorded stands
            caller.connection.send(answer)

    def _end(self, caller: _Caller) -> None:
        caller.connection.close()
        with self._lock:
            self._bytes -= caller.bytes
            self._bytes_of[caller.peer.user] -= caller.bytes
            self._of_users[caller.peer.user] -= 1
            if self._of_users[caller.peer.user] <= 0:
                del self._of_users[caller.peer.user], self._bytes_of[caller.peer.user]

    def _end_silent(self, now: float) -> None:
        for caller in [each for each in self._silent.values() if each.ends <= now]:
            self._selector.unregister(caller.connection)
            del self._silent[caller.connection.fileno()]
            self._end(caller)

    def _defect(self, error: BaseException) -> None:
        """The hook sees that it was not answered."""
        self._tell("agent.defect", error=True, message=f"{type(error).__name__}: {error}")

    def _reload(self) -> None:
        try:
            self._judge.reload()
        except ConfigurationError as error:
            self._tell("agent.reload-refused", error=True, message=str(error), hint=error.hint)
            return
        self._tell("agent.reloaded", policy=str(self._judge.policy.digest))

    def _drain(self) -> None:
        self._tell("agent.stopping")
        for each in self._listening:
            self._selector.unregister(each.socket)
            each.close()
        for caller in list(self._silent.values()):
            self._hear(caller)  # who has asked is answered, who has not is let go
        late = self._turns.end(GRACE_S)
        self._judge.close()
        self._selector.close()
        self._wake_end.close()
        self._waker.close()
        self._tell("agent.stopped", unanswered=late)

    def _tell(self, name: str, *, error: bool = False, warning: bool = False, **facts: object) -> None:
        level: Level = "error" if error else "warning" if warning else "info"
        self._around.observe(Event(name=name, level=level, facts=facts))


def _has_gone(connection: socket.socket) -> bool:
    """Whether the other end has closed: then nobody waits for a decision, and none is made."""
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _last_word(connection: socket.socket, answer: bytes) -> None:
    with suppress(OSError):
        connection.send(answer)
    connection.close()
