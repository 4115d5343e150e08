"""From the record that a hook has sent to the answer that it gets.

* a record that was cut, by the kernel or by whoever sent it, is not understood
* the artifact and what is said about it are sealed memory files, and nothing else is read: a pipe, a device, a file
  that grows, a file on a file system that answers when it likes are none. What is judged is what they hold, and nobody
  can change it; documents that do not fill their file to the end are not understood
* every descriptor that came is closed, whatever else happens
"""

from __future__ import annotations

import array
import os
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from verifier.agent import wire
from verifier.agent.inquiry import Inquiry, inquiry_of
from verifier.agent.judge import Judge, NotAnsweredError
from verifier.agent.peers import Peer
from verifier.agent.settings import AgentSurroundings
from verifier.core.document import Document
from verifier.core.errors import Refused, refuse
from verifier.core.limits import MAX_DOCUMENT_BYTES
from verifier.core.outcome import Reason
from verifier.core.value import replace
from verifier.core.verdict import Verdict
from verifier.files.sealed import UnsealedError, part_of, require_sealed
from verifier.gateway.events import Event, Level

_ROOM: Final = socket.CMSG_SPACE(wire.DESCRIPTORS * array.array("i").itemsize)
_CUT: Final = socket.MSG_TRUNC | socket.MSG_CTRUNC


class Received:
    """A record with the descriptors that came with it; `wrong` is why it is not understood, "" where it may be."""

    def __init__(self, message: bytes, descriptors: list[int], wrong: str) -> None:
        self.message, self.descriptors, self.wrong = message, descriptors, wrong
        self.bytes = 0
        if not wrong and len(descriptors) != wire.DESCRIPTORS:
            self.wrong = f"{len(descriptors)} descriptors came with it, expected {wire.DESCRIPTORS}"
        if not self.wrong:
            try:
                self.bytes = sum(map(require_sealed, descriptors))
            except (UnsealedError, OSError) as error:
                self.wrong = f"a descriptor is refused: {error}"

    def close(self) -> None:
        """Let go of what came; twice is once."""
        for each in self.descriptors:
            with suppress(OSError):
                os.close(each)
        self.descriptors = []


def received(connection: socket.socket) -> Received | None:
    """What has come, None where the other end has closed; raises `OSError`."""
    flags = socket.MSG_CMSG_CLOEXEC
    message, besides, seen, _ = connection.recvmsg(wire.MOST_ASKED, _ROOM, flags)
    descriptors = array.array("i")
    for level, kind, content in besides:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content[: len(content) - len(content) % descriptors.itemsize])
    if not message and not descriptors:
        return None
    wrong = f"it is longer than {wire.MOST_ASKED} bytes, or more came with it" if seen & _CUT else ""
    return Received(message, descriptors.tolist(), wrong)


class Answering:
    """Answers questions; safe between threads."""

    def __init__(self, judge: Judge, around: AgentSurroundings) -> None:
        self._judge, self._around = judge, around

    def answer(self, question: Received, peer: Peer) -> bytes:
        """The answer to what `peer` has asked."""
        started = time.perf_counter()
        try:
            asked = _understood(question)
            if asked.style not in self._around.styles:
                raise NotAnsweredError("agent.elsewhere", f"it makes no report in the format {asked.style[:20]!r}")
            artifact = partial(_artifact, question.descriptors[0], str(Path(asked.artifact)))
            decision, beside = self._judge.judge(asked, artifact, _documents(question.descriptors[1], asked))
            report = self._around.render(_timed(decision, started), asked.artifact, asked.style, asked.screen)
            told = wire.decided(status_of(decision), report, _said(beside))
        except (wire.WireError, UnsealedError) as error:
            return self._refused(peer, "agent.protocol", str(error))
        except NotAnsweredError as error:
            return self._refused(peer, error.code, str(error))
        if len(told) > wire.MOST_ANSWERED:
            return self._refused(peer, "agent.unusable", f"the report has {len(told)} bytes")
        self._tell_decision(decision, peer)
        return told

    def _refused(self, peer: Peer, code: str, message: str) -> bytes:
        facts = {"user": peer.user, "process": peer.process, "message": message}
        self._around.observe(Event(name=code, level="warning", facts=facts))
        return wire.refused(code, message[:1000])

    def _tell_decision(self, decision: Verdict, peer: Peer) -> None:
        subject = decision.subject
        facts = {
            "artifact": f"{subject.kind}:{subject.name}",
            "digest": None if subject.digest is None else str(subject.digest),
            "passed": decision.passed,
            "codes": [reason.code for reason in decision.reasons],
            "user": peer.user,
            "process": peer.process,
        }
        level: Level = "info" if decision.passed else "warning"
        self._around.observe(
            Event(name="agent.decided", level=level, correlation_id=decision.correlation_id, facts=facts)
        )


def _understood(question: Received) -> Inquiry:
    if question.wrong:
        raise wire.WireError(question.wrong)
    return inquiry_of(question.message)


def _artifact(descriptor: int, name: str, most: int) -> bytes | Refused:
    """The artifact, or that it is more than whoever asks would read."""
    size = require_sealed(descriptor)
    return _too_large(name, size, most) if size > most else part_of(descriptor, 0, size)


def _documents(descriptor: int, asked: Inquiry) -> tuple[Document | Refused, ...]:
    """The documents, or of each that it is more than whoever asks would read; raises `WireError`."""
    held, named = require_sealed(descriptor), sum(size for _, size in asked.documents)
    if held != named:
        raise wire.WireError(f"the documents have {named} bytes as it says, and {held} came")
    found, at = list[Document | Refused](), 0
    for name, size in asked.documents:
        if size > MAX_DOCUMENT_BYTES:
            found.append(_too_large(name, size, MAX_DOCUMENT_BYTES))
        else:
            found.append(Document(name=name, content=part_of(descriptor, at, size)))
        at += size
    return tuple(found)


def _said(beside: Sequence[Reason]) -> tuple[str, ...]:
    """As `cli.output.finding` says it."""
    texts = [f"{each.severity.value}: {each.code}: {each.subject}: {each.message}" for each in beside]
    if len(texts) > wire.MOST_TOLD:
        left = len(texts) - wire.MOST_TOLD + 1
        texts[-left:] = [f"warning: {left} more of these, which the agent's log has"]
    return tuple(texts)


def _too_large(name: str, size: int, most: int) -> Refused:
    return refuse("input.too-large", name, f"{size} bytes; at most {most} are allowed")


def status_of(decision: Verdict) -> int:
    """The exit status of the hook for a decision."""
    if decision.passed:
        return wire.ACCEPTED
    return wire.UNDECIDED if decision.undecided else wire.DENIED


def _timed(decision: Verdict, started: float) -> Verdict:
    return replace(decision, duration_ms=round((time.perf_counter() - started) * 1000))
