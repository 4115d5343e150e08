"""Whoever answers in an agent's place is not believed: no answer is taken from anybody but who may give one."""

import os
import socket

import pytest

from tests.support.loading.agents import ask_about, fields
from tests.support.loading.strangers import answering, listening, listening_as_somebody_else, open_files
from verifier.agent import wire
from verifier.agent.client import Unanswered, ask

QUESTION = wire.written([("question", "?")])
FOR_EVER = 3600.0


def refused(path, *, deadline_s=FOR_EVER, trusted=frozenset()):
    """The code with which a hook goes on."""
    with pytest.raises(Unanswered) as why:
        ask(str(path), QUESTION, [], trusted=trusted, deadline_s=deadline_s)
    return why.value.code


def saying(content):
    def answer(connection):
        connection.recv(wire.MOST_ASKED)
        connection.send(content)

    return answer


class TestAnotherUser:
    """The kernel says who listens; it is asked before a word is said."""

    def test_nothing_is_said_to_another_user(self, path, monkeypatch):
        with listening_as_somebody_else(path) as fake:
            if os.geteuid() != 0:  # it is our own socket then: we are somebody else
                monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
            assert refused(path) == "agent.untrusted"
            connection, _ = fake.accept()
            with connection:
                assert connection.recv(1) == b""

    def test_one_that_was_named_may_answer(self, path):
        with listening_as_somebody_else(path):
            assert refused(path, deadline_s=0.01, trusted=frozenset({65534, os.getuid()})) == "agent.unreachable"


@pytest.mark.parametrize(
    "answer",
    [
        b"PASSED",
        wire.MARK,
        b"policy-verifier-agent/2\n" + wire.decided(0, "PASSED")[len(wire.MARK) :],
        wire.decided(0, "PASSED")[:-1],
        wire.decided(0, "PASSED") + b"\0",
        wire.written([("outcome", "decided"), ("report", ""), ("status", "0")]),
        wire.written([("outcome", "decided"), ("status", "0"), ("report", ""), ("report", "")]),
        wire.written([("outcome", "decided"), ("status", "2"), ("report", "")]),
        wire.written([("outcome", "decided"), ("status", "00"), ("report", "")]),
        wire.written([("outcome", "accepted"), ("status", "0"), ("report", "")]),
        wire.written([("outcome", "refused"), ("status", "0"), ("report", "")]),
        wire.refused("agent.unknown", "x"),
        wire.refused("verdict.expired", "x"),
    ],
)
def test_what_is_not_understood_is_no_answer(path, answer):
    with answering(path, saying(answer)):
        assert refused(path) == "agent.protocol"


@pytest.mark.parametrize(
    "report", ["\x1b[2J", "\x1b]0;owned\x07", "\x1b[1;32", "\x1b", "\r", "\x08", "\x9b2J", "\x7f", "a\x1b[31mb\x1b[3Am"]
)
@pytest.mark.parametrize("status", [0, 1, 3])
def test_a_report_that_acts_on_a_terminal_is_none(path, report, status):
    with answering(path, saying(wire.decided(status, f"PASSED  bundle:authz\n{report}\n"))):
        assert refused(path) == "agent.protocol"


@pytest.mark.parametrize("report", ["", "\x1b[1;32mPASSED\x1b[0m\n", "\tüber\u00a0\n\n"])
def test_a_report_may_have_colours_and_every_letter(path, report):
    with answering(path, saying(wire.decided(0, report))):
        assert ask(str(path), QUESTION, [], trusted=frozenset(), deadline_s=FOR_EVER) == (0, report)


def test_what_is_said_beside_an_answer_is_bounded(path):
    told = []
    with answering(path, saying(wire.decided(0, "PASSED\n", ("warning: x",) * wire.MOST_TOLD))):
        ask(str(path), QUESTION, [], trusted=frozenset(), deadline_s=FOR_EVER, told=told)
    assert told == ["warning: x"] * wire.MOST_TOLD
    path.unlink()
    with answering(path, saying(wire.decided(0, "PASSED\n", ("warning: x",) * (wire.MOST_TOLD + 1)))):
        assert refused(path) == "agent.protocol"


def test_what_it_says_of_why_it_does_not_answer_is_bounded(path):
    with answering(path, saying(wire.refused("agent.busy", "x" * 100_000))), pytest.raises(Unanswered) as why:
        ask(str(path), QUESTION, [], trusted=frozenset(), deadline_s=FOR_EVER)
    assert (why.value.code, len(why.value.message)) == ("agent.busy", 1000)


def test_an_answer_that_is_too_long_is_none(path):
    with answering(path, saying(wire.decided(0, "x" * wire.MOST_ANSWERED))):
        assert refused(path) == "agent.protocol"


def test_an_answer_with_descriptors_is_none(path):
    def answer(connection):
        connection.recv(wire.MOST_ASKED)
        socket.send_fds(connection, [wire.decided(0, "PASSED")], [0])

    before = open_files()
    with answering(path, answer):
        assert refused(path) == "agent.protocol"
    assert open_files() == before


def test_one_that_hangs_up_has_not_answered(path):
    with answering(path, lambda _: None):
        assert refused(path) == "agent.unreachable"
    path.unlink()
    with answering(path, lambda connection: connection.recv(wire.MOST_ASKED)):
        assert refused(path) == "agent.unreachable"


def test_one_that_says_nothing_is_not_waited_for(path):
    with listening(path):
        assert refused(path, deadline_s=0.05) == "agent.unreachable"


def test_one_whose_queue_is_full_is_not_waited_for(path):
    with listening(path) as fake:
        fake.listen(0)
        waiting = []
        try:
            for _ in range(5):
                each = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                each.setblocking(False)
                waiting.append(each)
                try:
                    each.connect(str(path))
                except BlockingIOError:
                    break
            assert refused(path) == "agent.busy"
        finally:
            for each in waiting:
                each.close()


def test_another_kind_of_socket_is_no_agent(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as other:
        other.bind(str(path))
        other.listen()
        assert refused(path) == "agent.unreachable"


@pytest.mark.parametrize("name", ["missing.sock", "x" * 200, "a\0b"])
def test_where_nothing_listens_nobody_answers(tmp_path, name):
    assert refused(tmp_path / name) == "agent.unreachable"


def test_a_file_in_its_place_is_no_agent(path):
    path.write_text("")
    assert refused(path) == "agent.unreachable"


def test_a_fake_agent_cannot_exchange_the_bytes(place):
    """It is given what was sealed before, and its answer carries none."""
    taken = []

    def answer(connection):
        _, descriptors, _, _ = socket.recv_fds(connection, wire.MOST_ASKED, wire.DESCRIPTORS)
        for each in descriptors:
            try:
                os.pwrite(each, b"exchanged", 0)
            except PermissionError as error:
                taken.append(error)
            os.close(each)
        connection.send(wire.decided(0, "PASSED"))

    contents = [(place / f"1.0.0.{end}").read_bytes() for end in ("tar.gz", "json")]
    with answering(place / "fake.sock", answer):
        assert ask_about(place / "fake.sock", fields(place), *contents) == (0, "PASSED")
    assert len(taken) == 2
