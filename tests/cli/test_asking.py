"""A plain line that names an agent means what it means to everybody else, and its output goes where it always went."""

import fcntl
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.cli import inputs, references, settings
from verifier.cli.app import command_of
from verifier.cli.asking import place as light
from verifier.cli.asking.hook import hook
from verifier.cli.asking.ledgers import default_ledger, ledger_file
from verifier.cli.asking.putting import MOST_DOCUMENT_BYTES
from verifier.cli.asking.usual import without_agent
from verifier.cli.asking.words import SWITCHES, VALUES, plain
from verifier.cli.commands.preload import preload
from verifier.cli.spread import parameters_of
from verifier.cli.typed import plain as usual
from verifier.cli.typed.environment import Environment
from verifier.core.digest import looks_like_digest
from verifier.core.limits import MAX_DOCUMENT_BYTES
from verifier.core.text.shown import _TOKEN_BEGINNINGS as TOKENS
from verifier.core.text.shown import shown
from verifier.files.lock import turn_to_write
from verifier.files.output import OutputKind, Outputs
from verifier.files.sealed import sealed
from verifier.ledger.sqlite.url import ledger_path

WORDS = st.sampled_from(
    [
        *VALUES["preload"],
        *VALUES["bundle"],
        *SWITCHES,
        *("a.tar.gz", "./b/../x.tgz", "v.json", "sqlite:l.db", "sqlite:///l.db", "text", "json", "html", "", "-", "--"),
        *("--out=o", "--agent=s", "--name=", "--fallback", "full", "--now", "é", "a b", "/dev/stdin", "https://x/y"),
        *("--verdict=v", "--policy=p", "--record=1", "--help", "-q", "NAME", "0", "a//b", "//a", ".", "a/", "-x"),
    ]
)
NEEDED = ["b.tar.gz", "--verdict=v", "--policy=p", "--agent=s"]
OF_BUNDLE = ["./b.tar.gz", "--policy=p", "--agent=s"]


def as_usual(arguments, command=preload):
    """What the usual way reads of the same line; None where it has to look twice."""
    return usual.plain(parameters_of(command), arguments, Environment({}))


@given(st.lists(WORDS, max_size=8), st.booleans())
def test_what_is_read_here_is_what_is_read_elsewhere(words, needed):
    arguments = [*(NEEDED if needed else []), *words]
    said = plain("preload", arguments, {})
    if said is None or "words" in said:  # what stands behind `--` is typer's to read
        return
    given = as_usual(arguments)
    assert given is not None
    read = {
        **{name: said.text(name) for name in ("artifact", "verdict", "policy", "out", "agent")},
        **{name: said.text(name) for name in ("program", "resource_uri", "ledger", "correlation_id", "style")},
        **{name: said.get(name) for name in ("record", "quiet", "verbose")},
        "agent_required": said.get("required"),
        "level": said.texts("levels"),
        "agent_user": said.texts("users"),
        "name": said.text("name"),
    }
    assert {name: str(value) for name, value in read.items() if value not in (None, "", ())} == {
        "name": inputs.name_of(str(given["artifact"])),
        **{name: str(value) for name, value in given.items()},
    }


@given(st.lists(WORDS, max_size=8), st.booleans(), st.sampled_from(["artifact", "bundle"]))
def test_what_is_read_of_a_file_is_what_is_read_elsewhere(words, needed, kind):
    arguments = [*(OF_BUNDLE if needed else []), *words]
    said = plain(kind, arguments, {})
    if said is None:
        return
    given = as_usual(arguments, command_of(kind))
    assert given is not None
    (artifact,) = given.pop("artifacts")
    beside = tuple(str(Path(each)) for each in given.pop("attestation", ()))
    read = {
        **{name: said.text(name) for name in ("policy", "agent", "resource_uri", "ledger", "correlation_id", "style")},
        **{name: said.get(name) for name in ("record", "quiet", "verbose")},
        "agent_required": said.get("required"),
        "agent_user": said.texts("users"),
        "name": said.text("name"),
    }
    assert (said.text("artifact"), said.texts("documents")) == (artifact, beside)
    assert {name: str(value) for name, value in read.items() if value not in (None, "", ())} == {
        "name": references.name_as(kind, artifact),
        **{name: str(value) for name, value in given.items()},
    }
    assert shown(artifact) == artifact


@given(st.text(st.sampled_from("ghp_sk-AKIeyJ.1/a:@=? \\'\"wxyz"), min_size=1, max_size=40), st.sampled_from(TOKENS))
def test_what_a_report_would_hide_is_left_to_whoever_hides_it(text, token):
    for path in (text, token + text, f"{text}/{token}0123456789abcdefghij"):
        said = plain("bundle", [path, "--policy=p", "--agent=s"], {})
        if said is not None:
            assert shown(path) == path
            assert said.text("name") == references.name_as("bundle", path)


def test_a_document_may_have_as_many_bytes_as_elsewhere():
    assert MOST_DOCUMENT_BYTES == MAX_DOCUMENT_BYTES


@pytest.mark.parametrize(
    "more",
    [
        ["--sbom", "s"],
        ["--previous", "p"],
        ["--key", "k"],
        ["--verdict-out", "v"],
        ["--rego-engine", "opa"],
        ["--now", "2026-01-01T00:00:00Z"],
        ["--output", "json=r"],
        ["--format", "sarif"],
        ["--ledger-init"],
        ["--timeout", "5s"],
        ["--attestation", "https://example.org/a.json"],
        ["--verdict", "v"],
        ["--out", "o"],
        ["second.tar.gz"],
        ["--", "word"],
    ],
)
def test_of_a_bundle_too_what_is_not_plain_is_left_to_whoever_reads_everything(more):
    assert plain("bundle", OF_BUNDLE, {}) is not None
    assert plain("bundle", [*OF_BUNDLE, *more], {}) is None


@pytest.mark.parametrize(
    "more",
    [
        ["--now", "2026-01-01T00:00:00Z"],
        ["--cache", "c"],
        ["--fallback", "full"],
        ["--attestation", "a"],
        ["--output", "json=r"],
        ["--format", "html"],
        ["--timeout", "5s"],
        ["--nonsense"],
        ["second.tar.gz"],
        ["--out", "a", "--out", "b"],
        ["--out", "-"],
        ["--name", "a\u2013b"],
        ["--", "word"],
        ["-q", "-v"],
        ["-q", "--format", "json"],
    ],
)
def test_what_is_not_plain_is_left_to_whoever_reads_everything(more):
    assert plain("preload", NEEDED, {}) is not None
    assert plain("preload", [*NEEDED, *more], {}) is None


@pytest.mark.parametrize(
    ("variables", "agent", "required"),
    [
        ({"VERIFY_AGENT": "x"}, "x", False),
        ({"VERIFY_AGENT": "x", "VERIFY_AGENT_REQUIRED": "true"}, "x", True),
        ({"VERIFY_AGENT": "x", "VERIFY_AGENT_REQUIRED": "0"}, "x", False),
        ({"VERIFY_AGENT": "x", "VERIFY_DEBUG": "1", "HOME": "/", "VERIFY_LEDGER": ""}, "x", False),
    ],
)
def test_variables_name_the_agent(variables, agent, required):
    said = plain("preload", NEEDED[:-1], variables)
    assert said is not None
    assert (said.text("agent"), bool(said.get("required"))) == (agent, required)
    assert plain("preload", NEEDED, variables).text("agent") == "s"


@pytest.mark.parametrize("name", ["VERIFY_POLICY", "VERIFY_LEDGER", "VERIFY_AGENT_USER", "VERIFY_NONSENSE"])
def test_a_variable_that_has_to_be_spoken_of_is_left_to_whoever_does(name):
    assert plain("preload", NEEDED, {name: "x"}) is None


def test_without_an_agent_the_line_is_the_same_less_the_agent():
    more = ["--agent-user", "root", "--agent-user=0", "--agent", "t", "--exec", "x", "--", "--agent", "y"]
    assert without_agent([*NEEDED, *more]) == [*NEEDED[:3], "--exec", "x", "--", "--agent", "y"]


@given(
    st.sampled_from(["sha1", "sha-256", "SHA512", "sha384", "md5", "rip"]), st.sampled_from("-:/"), st.text("aB0+/=-")
)
def test_what_may_be_a_digest_is_left_to_whoever_reads_digests(algorithm, sign, text):
    for path in (algorithm + sign + text, f"./{algorithm}{sign}{text}"):
        if plain("artifact", [path, "--policy=p", "--agent=s"], {}) is not None:
            assert not looks_like_digest(path)


@given(st.text(st.sampled_from("sqlite:/ab.%?#;\\ ~é@"), max_size=20))
def test_a_ledger_that_is_named_is_the_file_that_it_is_elsewhere(text):
    for url in (text, f"sqlite:{text}", f"sqlite://{text}", f"sqlite:///{text}"):
        path = ledger_file(url, {})
        if path and url:
            assert Path(path) == ledger_path(url)


@pytest.mark.parametrize("variables", [{"HOME": "/home/x"}, {"HOME": "/h", "XDG_STATE_HOME": "/state"}])
def test_the_ledger_that_nobody_names_is_the_same_file(monkeypatch, variables):
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Path(default_ledger(variables)) == settings.default_ledger_path()


class TestWhereItGoes:
    """As `files.output`, `files.lock` and `files.write` have it."""

    @pytest.fixture
    def out(self, tmp_path):
        (tmp_path / "loaded").mkdir()
        for name in ("artifact", "verdict", "policy"):
            (tmp_path / name).write_bytes(b"\x1f\x8b" + name.encode())
        (tmp_path / "ledger.db").write_bytes(b"SQLite format 3\0")
        return tmp_path / "loaded" / "out.tar.gz"

    @pytest.mark.parametrize(
        "stands",
        [
            lambda _: None,
            lambda out: out.write_bytes(b""),
            lambda out: out.write_bytes(b"\x1f\x8banother bundle"),
            lambda out: out.write_text("notes"),
            lambda out: out.write_bytes(b"SQLite format 3\0"),
            lambda out: out.mkdir(),
            os.mkfifo,
            lambda out: out.symlink_to(os.devnull),
            lambda out: out.symlink_to("../policy"),
            lambda out: os.link(out.parent.parent / "artifact", out),
            lambda out: os.link(out.parent.parent / "ledger.db", out),
            lambda out: out.parent.rmdir(),
        ],
    )
    def test_nothing_is_plain_that_would_be_refused_elsewhere(self, out, stands):
        stands(out)
        folder = out.parent.parent
        read = tuple(str(folder / name) for name in ("artifact", "verdict", "policy"))
        if light.is_plain(str(out), read, (str(folder / "ledger.db"),)):
            named = {name: (Path(name),) for name in (*read, str(folder / "ledger.db"))}
            Outputs(named).place("--out", out, OutputKind.LOADED)
            assert not out.is_symlink()

    def test_what_an_earlier_run_wrote_is_plain_and_so_is_nothing(self, out):
        assert light.is_plain(str(out), (), ())
        out.write_bytes(b"\x1f\x8b")
        assert light.is_plain(str(out), (), ())

    @pytest.mark.parametrize("name", ["ledger.db-wal", "ledger.db-shm", "ledger.db-journal"])
    def test_what_a_ledger_may_make_is_not(self, out, name):
        folder = out.parent.parent
        assert not light.is_plain(str(folder / name), (), (str(folder / "ledger.db"),))

    def test_it_is_written_whole_for_its_loader_alone(self, out):
        out.write_bytes(b"\x1f\x8b")
        made = sealed(b"verified" * 1_000_000)
        light.write_whole(str(out), made)
        os.close(made)
        assert out.read_bytes() == b"verified" * 1_000_000
        assert stat.S_IMODE(out.stat().st_mode) == 0o400
        assert [each.name for each in out.parent.iterdir()] == ["out.tar.gz"]

    def test_what_cannot_be_written_leaves_nothing_behind(self, out):
        out.mkdir()
        made = sealed(b"verified")
        with pytest.raises(IsADirectoryError):
            light.write_whole(str(out), made)
        os.close(made)
        assert [each.name for each in out.parent.iterdir()] == ["out.tar.gz"]

    def test_it_waits_for_the_turn_of_whoever_goes_the_usual_way(self, out):
        with turn_to_write(out):
            lock = os.open(out.with_name(".out.tar.gz.lock"), os.O_RDWR)
            with pytest.raises(BlockingIOError):
                _try_lock(lock)
            os.close(lock)
        held = light.take_turn(str(out))
        lock = os.open(out.with_name(".out.tar.gz.lock"), os.O_RDWR)
        with pytest.raises(BlockingIOError):
            _try_lock(lock)
        os.close(held)
        _try_lock(lock)
        os.close(lock)

    def test_it_sweeps_what_a_killed_run_left_and_nothing_else(self, out):
        left, kept = out.with_name(".out.tar.gz.0123456789abcdef"), out.with_name(".out.tar.gz.0123456789abcdeg")
        left.write_bytes(b"")
        kept.write_bytes(b"")
        os.close(light.take_turn(str(out)))
        assert (left.exists(), kept.exists()) == (False, True)


def _try_lock(descriptor):

    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_line_that_is_not_plain_goes_on_as_it_is():
    assert hook("preload", ["--help"], {}) == ["--help"]


@pytest.mark.parametrize("required", [[], ["--agent-required"]])
def test_a_missing_agent_is_said(tmp_path, monkeypatch, capsys, required):
    monkeypatch.chdir(tmp_path)
    for name in ("b.tar.gz", "v", "p"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "ledger.db").write_bytes(b"")
    arguments = [*NEEDED, "--ledger", "sqlite:ledger.db", *required]
    done = hook("preload", arguments, {})
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("verify: agent.unreachable: s: ")
    assert done == (3 if required else [*NEEDED[:3], "--ledger", "sqlite:ledger.db"])
