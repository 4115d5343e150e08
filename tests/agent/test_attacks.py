"""Clients that lie, hold on, die, or are somebody else: it costs them their own question, and nobody else's."""

import fcntl
import gc
import os
import socket
import struct
import threading
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.loading.agents import agent, ask_about, fields, publish, record_about
from tests.support.loading.strangers import open_files
from tests.support.patience import PATIENCE_S
from verifier.agent import server as serving
from verifier.agent import wire
from verifier.agent.client import Unanswered
from verifier.agent.peers import Peer, may_ask, peer_of
from verifier.agent.settings import AgentSettings
from verifier.files.sealed import sealed

KEYS = st.sampled_from(
    [
        "by",
        "kind",
        "artifact",
        "folder",
        "name",
        "resource-uri",
        "correlation-id",
        "format",
        "detail",
        "columns",
        "colours",
    ]
)
WORDS = [
    "",
    "0",
    "1",
    "-1",
    "/",
    "..",
    "\0",
    "verdict",
    "bundle",
    "artifact",
    "text",
    "html",
    "verbose",
    "\x1b[2J",
    "\n",
]
TEXTS = st.one_of(
    st.sampled_from([*WORDS, "ghp_" + "a" * 30, "https://example.org/%00", "x" * 5000]), st.text(max_size=30)
)


@pytest.fixture
def running(place):
    with agent(place) as started:
        yield started


def connected(running):
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.settimeout(PATIENCE_S)
    made.connect(str(running.socket))
    return made


def answer_to(running, message, descriptors):
    """What an agent says to a record that is sent as it is: the outcome and, where it refuses, the code."""
    with connected(running) as connection:
        rights = struct.pack(f"{len(descriptors)}i", *descriptors)
        connection.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if descriptors else [])
        said = dict(wire.read(connection.recv(wire.MOST_ANSWERED)))
    return said.get("code", said["outcome"])


def files(place):
    return [sealed((place / f"1.0.0.{end}").read_bytes()) for end in ("tar.gz", "json")]


def still_answers(running):
    assert running.ask()[0] == 0


class TestDescriptors:
    """Nothing is read but a sealed memory file."""

    @pytest.mark.parametrize("which", [0, 1])
    @pytest.mark.parametrize(
        "swapped", ["regular", "fifo", "folder", "device", "socket", "unsealed", "growing", "partly"]
    )
    def test_a_descriptor_of_anything_else_is_refused_unread(self, place, running, which, swapped):
        (place / "file").write_bytes((place / "1.0.0.tar.gz").read_bytes())
        os.mkfifo(place / "fifo")
        made = {
            "regular": lambda: os.open(place / "file", os.O_RDONLY),
            "fifo": lambda: os.open(place / "fifo", os.O_RDWR | os.O_NONBLOCK),
            "folder": lambda: os.open(place, os.O_RDONLY | os.O_DIRECTORY),
            "device": lambda: os.open("/dev/zero", os.O_RDONLY),
            "socket": lambda: socket.socket(socket.AF_UNIX).detach(),
            "unsealed": lambda: os.memfd_create("x"),
            "growing": lambda: os.open(place / "file", os.O_RDWR | os.O_APPEND),
            "partly": _partly_sealed,
        }[swapped]()
        descriptors = files(place)
        os.close(descriptors[which])
        descriptors[which] = made
        try:
            assert answer_to(running, record_about(place), descriptors) == "agent.protocol"
        finally:
            for each in descriptors:
                os.close(each)
        still_answers(running)

    @pytest.mark.parametrize("count", [0, 1, 3, 100])
    def test_too_few_or_too_many_are_refused_and_none_is_kept(self, place, running, count):
        given = [sealed(b"x") for _ in range(count)]
        before = open_files()
        for _ in range(3):
            assert answer_to(running, record_about(place), given) == "agent.protocol"
        still_answers(running)
        running.server.stop()
        running.wait_for("agent.stopped")
        assert open_files() <= before
        for each in given:
            os.close(each)

    def test_one_that_is_for_writing_alone_is_refused(self, place, running):
        descriptors = files(place)
        writing = os.open(f"/proc/self/fd/{descriptors[0]}", os.O_WRONLY) if _may_reopen(descriptors[0]) else None
        given = [writing if writing is not None else os.open(os.devnull, os.O_WRONLY), descriptors[1]]
        try:
            assert answer_to(running, record_about(place), given) == "agent.protocol"
        finally:
            for each in {*descriptors, *given}:
                os.close(each)


def _partly_sealed():
    made = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    fcntl.fcntl(made, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    return made


def _may_reopen(descriptor):
    try:
        os.close(os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY))
    except OSError:
        return False
    return True


class TestRecords:
    @pytest.mark.parametrize(
        "message", [b"x", b"\0" * 1000, wire.MARK, wire.MARK + b"\xff" * 100, b"x" * (wire.MOST_ASKED + 1)]
    )
    def test_what_is_not_understood_is_refused(self, place, running, message):
        descriptors = files(place)
        assert answer_to(running, message, descriptors) == "agent.protocol"
        for each in descriptors:
            os.close(each)
        still_answers(running)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
    @given(content=st.binary(min_size=1, max_size=500))
    def test_noise_is_refused_and_the_next_question_answered(self, running, place, content):
        descriptors = files(place)
        try:
            for message in (content, wire.MARK + content, record_about(place) + content):
                assert answer_to(running, message, descriptors) == "agent.protocol"
        finally:
            for each in descriptors:
                os.close(each)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
    @given(artifact=st.binary(max_size=2000), verdict=st.binary(max_size=2000))
    def test_whatever_the_files_hold_is_denied(self, running, place, artifact, verdict):
        assert ask_about(running.socket, fields(place), artifact, verdict)[0] in {1, 3}

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
    @given(said=st.dictionaries(KEYS, TEXTS, max_size=3), beside=st.lists(st.binary(max_size=200), max_size=3))
    def test_whatever_is_asked_is_answered_or_refused_and_nothing_breaks(self, running, place, said, beside):
        question = [(key, said.get(key, text)) for key, text in fields(place, by="evidence", record="0")]
        try:
            found = ask_about(running.socket, question, (place / "1.0.0.tar.gz").read_bytes(), *beside)[0]
        except Unanswered as why:
            found = why.code if "control characters" not in why.message else "a report that acts on a terminal"
        assert found in {0, 1, 3, "agent.protocol", "agent.elsewhere", "agent.unusable"}
        assert "agent.defect" not in running.names()


class TestWhoHoldsOn:
    def test_one_that_says_nothing_is_let_go(self, running):
        with connected(running) as silent:
            assert silent.recv(1) == b""
        still_answers(running)

    def test_a_flood_of_one_user_is_told_that_there_is_no_room(self, running, monkeypatch):
        monkeypatch.setattr(serving, "MOST_OF_ONE_USER", 3)
        held = [connected(running) for _ in range(3)]
        with pytest.raises(Unanswered) as why:
            running.ask()
        assert why.value.code == "agent.busy"
        for each in held:
            each.close()

    def test_more_bytes_than_may_be_judged_at_once_are_refused(self, running, monkeypatch):
        monkeypatch.setattr(serving, "MOST_BYTES", 100)
        with pytest.raises(Unanswered) as why:
            running.ask()
        assert why.value.code == "agent.busy"
        monkeypatch.undo()
        still_answers(running)

    def test_one_user_leaves_room_for_the_bytes_of_others(self, running, monkeypatch):
        monkeypatch.setattr(serving, "MOST_BYTES_OF_ONE_USER", 100)
        with pytest.raises(Unanswered) as why:
            running.ask()
        assert why.value.code == "agent.busy"
        monkeypatch.undo()
        still_answers(running)

    @pytest.mark.parametrize("by", ["verdict", "evidence"])
    def test_what_was_denied_is_let_go_of_before_its_bytes_count_no_more(self, place, running, monkeypatch, by):
        monkeypatch.setattr(serving, "SWEPT_BYTES", 1024 * 1024)
        zeros, verdict, size = bytes(4 * 1024 * 1024), (place / "1.0.0.json").read_bytes(), 4 * 1024 * 1024
        gc.disable()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(4):
                assert ask_about(running.socket, fields(place, by=by), zeros, verdict)[0] == 1
            running.server.stop()
            running.wait_for("agent.stopped")
            assert tracemalloc.get_traced_memory()[0] - before < size
        finally:
            tracemalloc.stop()
            gc.enable()

    def test_clients_that_die_leave_nothing_behind(self, place, running):
        before = open_files()
        for _ in range(20):
            with connected(running) as connection:
                descriptors = files(place)
                socket.send_fds(connection, [record_about(place)], descriptors)
                for each in descriptors:
                    os.close(each)
        for _ in range(20):
            connected(running).close()
        still_answers(running)
        running.server.stop()
        running.wait_for("agent.stopped")
        assert open_files() <= before
        assert "agent.defect" not in running.names()


class TestWhoMayAsk:
    OTHER = 4242

    def test_the_kernel_says_who_asks(self, running):
        with connected(running) as connection:
            assert peer_of(connection).user == os.geteuid()

    def test_another_user_is_told_no_and_nothing_else(self, running, monkeypatch):
        monkeypatch.setattr(serving, "peer_of", lambda _: Peer(1, self.OTHER, self.OTHER))
        with pytest.raises(Unanswered) as why:
            running.ask()
        assert why.value.code == "agent.forbidden"
        assert "agent.decided" not in running.names()

    @pytest.mark.parametrize(
        ("chosen", "allowed"),
        [({}, False), ({"users": frozenset({OTHER})}, True), ({"group": OTHER}, True), ({"group": 4243}, False)],
    )
    def test_users_and_a_group_may_be_named(self, place, chosen, allowed):
        settings = AgentSettings(socket=None, policy=place / "trust.toml", ledger="sqlite:x", **chosen)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            assert may_ask(Peer(1, self.OTHER, self.OTHER), ours, settings) is allowed

    def test_supplementary_groups_count(self, place):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with ours, theirs:
            for group in os.getgroups():
                settings = AgentSettings(socket=None, policy=place / "trust.toml", ledger="sqlite:x", group=group)
                assert may_ask(Peer(1, self.OTHER, self.OTHER), ours, settings)


class TestTheSocket:
    def test_it_is_its_users_alone(self, running):
        assert running.socket.stat().st_mode & 0o777 == 0o600

    def test_a_group_may_use_it_where_one_was_named(self, place):
        with agent(place, group=os.getegid()) as running:
            assert running.socket.stat().st_mode & 0o777 == 0o660
            still_answers(running)

    def test_one_that_is_left_over_is_replaced(self, place):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as left:
            left.bind(str(place / "agent.sock"))
        with agent(place) as running:
            still_answers(running)

    def test_a_second_agent_does_not_take_its_place(self, place, running):
        with pytest.raises(serving.ConfigurationError, match="listens at"), agent(place):
            pass
        still_answers(running)

    def test_a_file_in_its_place_is_not_replaced(self, place):
        (place / "agent.sock").write_text("notes")
        with pytest.raises(serving.ConfigurationError, match="no socket"), agent(place):
            pass
        assert (place / "agent.sock").read_text() == "notes"

    def test_it_does_not_stand_where_anybody_could_exchange_it(self, place):
        place.chmod(0o777)
        with pytest.raises(serving.ConfigurationError, match="everybody"), agent(place):
            pass


def test_releases_that_are_asked_about_at_once_are_all_answered(place, running):
    publish(place, "1.1.0")
    found = []
    asking = [threading.Thread(target=lambda: found.append(running.ask("1.1.0")[0])) for _ in range(16)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert found == [0] * 16
