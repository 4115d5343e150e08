"""Asking an agent: nothing is said to anybody but who may answer, and no answer is taken from anybody else.

* whoever listens must be root, this user, or one that was named: the kernel says who it is (`SO_PEERCRED`, unix(7):
  the credentials of whoever called listen(2), which for a socket of systemd's is systemd), before a word is said
* an answer comes within the deadline and is understood in full, or there is none
* one connection is one question and one answer: there is nothing that an older answer could be replayed into

Whoever asks an agent loads this and little else: nothing here imports what Python has not loaded already, but the
module of sockets that is written in C.
"""

import _socket
import os
import sys
from time import monotonic

from verifier.agent import wire

DEADLINE_S = 5.0
"""For the whole conversation: a cold decision takes a fraction of a second."""
_CREDENTIALS_BYTES = 12
"""`struct ucred`: pid, uid and gid of four bytes each."""
_MOST_SAID = 1000
"""Characters of what an agent says of why it does not answer."""
_COLOUR = frozenset("[0123456789;")
_CONTROLS = frozenset(map(chr, (*range(9), *range(11, 32), *range(127, 160))))
"""C0, DEL and C1, without the tabulator and the end of a line."""
_DECIDED = tuple(map(str, (wire.ACCEPTED, wire.DENIED, wire.UNDECIDED)))


class Unanswered(Exception):
    """Why there is no answer: a code of `core.reasons.service.agent`, and what was seen."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message

    def told(self, agent: str) -> str:
        """What was seen, and of which agent, where it is one that it was seen of."""
        return f"{self.code}: {agent}: {self.message}" if self.code.startswith("agent.") else str(self)


def question_of(fields: list[tuple[str, str]]) -> bytes:
    """As it goes over the wire; raises `Unanswered` where it cannot."""
    try:
        question = wire.written(fields)
    except UnicodeEncodeError:
        raise Unanswered("agent.protocol", "a name is not UTF-8, and cannot be put to an agent") from None
    if len(question) > wire.MOST_ASKED:
        raise Unanswered("agent.protocol", f"the question has {len(question)} bytes, at most {wire.MOST_ASKED} go")
    return question


def ask(
    path: str,
    question: bytes,
    descriptors: list[int],
    *,
    trusted: frozenset[int],
    deadline_s: float = DEADLINE_S,
    told: list[str] | None = None,
) -> tuple[int, str]:
    """The exit status and the report that the agent at `path` answers with; raises `Unanswered`.

    `trusted` are the users beside root and this one that may answer. What is to be said beside goes into `told`.
    """
    ends = monotonic() + deadline_s
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET | _socket.SOCK_CLOEXEC)
    try:
        _connect(connection, path, ends)
        _require_trusted(connection, trusted)
        status, report, beside = _answer(_exchanged(connection, question, descriptors, ends))
    finally:
        connection.close()
    if told is not None:
        told += beside
    return status, report


def _connect(connection: _socket.socket, path: str, ends: float) -> None:
    try:
        connection.settimeout(max(ends - monotonic(), 0.001))
        connection.connect(path)
    except BlockingIOError:  # a full queue of a Unix socket is not waited for
        raise Unanswered("agent.busy", "as many ask as it lets wait") from None
    except (OSError, ValueError) as error:
        raise Unanswered("agent.unreachable", _said(error)) from None


def _require_trusted(connection: _socket.socket, trusted: frozenset[int]) -> None:
    said = connection.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, _CREDENTIALS_BYTES)
    user = int.from_bytes(said[4:8], sys.byteorder)
    if user not in trusted | {0, os.geteuid()}:
        raise Unanswered("agent.untrusted", f"user {user} answers, expected root, user {os.geteuid()}, or one named")


def _exchanged(connection: _socket.socket, question: bytes, descriptors: list[int], ends: float) -> bytes:
    rights = b"".join(each.to_bytes(4, sys.byteorder) for each in descriptors)
    try:
        connection.settimeout(max(ends - monotonic(), 0.001))
        connection.sendmsg([question], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    except OSError as error:  # it does not listen to everybody: what it has said of that is there to read
        if isinstance(error, TimeoutError):
            raise Unanswered("agent.unreachable", _said(error)) from None
    try:
        answer, flags = _heard(connection, ends)
    except OSError as error:
        raise Unanswered("agent.unreachable", _said(error)) from None
    if not answer:
        raise Unanswered("agent.unreachable", "it ended the connection without an answer")
    if flags & (_socket.MSG_TRUNC | _socket.MSG_CTRUNC):
        raise Unanswered("agent.protocol", f"its answer is longer than {wire.MOST_ANSWERED} bytes, or more than bytes")
    return answer


def _heard(connection: _socket.socket, ends: float) -> tuple[bytes, int]:
    for last in (False, True):
        connection.settimeout(max(ends - monotonic(), 0.001))
        try:
            answer, _, flags, _ = connection.recvmsg(wire.MOST_ANSWERED)
        except ConnectionResetError:
            # It has closed without reading the question; what it said before that comes after this error.
            if last:
                raise
        else:
            return answer, flags
    raise AssertionError  # not reached


def _answer(message: bytes) -> tuple[int, str, list[str]]:
    try:
        fields = wire.read(message)
    except wire.WireError as error:
        raise Unanswered("agent.protocol", str(error)) from None
    said = dict(fields)
    keys = [key for key, _ in fields]
    if keys == ["outcome", "code", "message"] and said["outcome"] == "refused" and said["code"] in wire.CODES:
        raise Unanswered(said["code"], said["message"][:_MOST_SAID])
    beside = [text for _, text in fields[3:]]
    as_decided = ["outcome", "status", "report", *["told"] * len(beside)]
    if keys != as_decided or said["outcome"] != "decided" or said["status"] not in _DECIDED:
        raise Unanswered("agent.protocol", f"it answers with {', '.join(keys)[:100]!r}")
    if len(beside) > wire.MOST_TOLD or not _is_harmless(said["report"]):
        raise Unanswered(
            "agent.protocol", "its answer holds what no report has: control characters, or too much beside"
        )
    return int(said["status"]), said["report"], beside


def _is_harmless(report: str) -> bool:
    """Whether nothing in it acts on a terminal but colours: no report has any other control character."""
    if report.replace("\n", "").isprintable():
        return True
    plain, *painted = report.split("\x1b")
    for each in painted:
        colour, end, rest = each.partition("m")
        if not end or not _COLOUR.issuperset(colour) or not colour.startswith("["):
            return False
        plain += rest
    return _CONTROLS.isdisjoint(plain)


def _said(error: OSError | ValueError) -> str:
    if isinstance(error, TimeoutError):
        return "it has not answered in time"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
