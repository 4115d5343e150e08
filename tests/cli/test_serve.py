"""`verify serve`: what it refuses to start with, and how it is told to reload and to stop."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from tests.support.command import Stream, Terminal, run
from tests.support.patience import PATIENCE_S
from tests.support.places import ROOT
from tests.support.publishing.releases import release
from tests.support.running.telling import Telling
from verifier.cli.serve.log import Log
from verifier.cli.settings import now
from verifier.gateway.events import Event

QUICK = ("--policy", "trust.toml", "--ledger", "sqlite:ledger.db", "--upstream", "authz.tar.gz", "--name", "authz")
CONFIGURATION = """\
version = 1
listen = "127.0.0.1:0"
policy = "trust.toml"
ledger = "sqlite:ledger.db"
[bundles.authz]
upstream = "authz.tar.gz"
poll = "1s"
"""


class Serving(Telling):
    """The command in a process of its own, and its log."""

    def __init__(self, *options):
        command = [sys.executable, "-m", "verifier", "serve", *options]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.deadline = threading.Timer(PATIENCE_S, self.process.kill)
        self.deadline.start()
        self.log = []
        self.address = self.saw("gateway.started")["listen"]

    def ask(self, path="/bundles/authz"):
        with urllib.request.urlopen(f"http://{self.address}{path}", timeout=PATIENCE_S) as answer:
            return answer.read()

    def send(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        """The exit status after a signal."""
        self.send(number)
        for line in self.process.stderr:
            self.log.append(json.loads(line))
        status = self.process.wait(PATIENCE_S)
        self.close()
        return status

    def close(self):
        self.deadline.cancel()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture
def serving(place):
    """Starts the command in a place with a bundle and a ledger."""
    assert run("ledger", "init", "--ledger", "sqlite:ledger.db").status == 0
    release("1.0.0")
    Path("gateway.toml").write_text(CONFIGURATION)
    started = []

    def start(*options):
        started.append(Serving(*options))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.close()


@pytest.mark.usefixtures("place")
class TestStarting:
    def test_one_bundle_needs_no_configuration_file(self, serving):
        gateway = serving(*QUICK, "--listen", "127.0.0.1:0")
        gateway.saw("bundle.served")
        assert gateway.ask() == Path("authz.tar.gz").read_bytes()
        assert gateway.end() == 0

    @pytest.mark.parametrize("missing", ["--policy", "--upstream", "--name"])
    def test_what_is_missing_is_named(self, missing):
        at = QUICK.index(missing)
        answer = run("serve", *QUICK[:at], *QUICK[at + 2 :])
        assert (answer.status, f"{missing}: is missing" in answer.err) == (2, True)

    def test_a_configuration_file_says_everything(self):
        answer = run("serve", "--config", "gateway.toml", "--name", "authz")
        assert (answer.status, "cannot stand beside --config" in answer.err) == (2, True)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            (("--listen", "0.0.0.0:80"), "is not loopback and needs TLS"),
            (("--listen", "here"), "--listen: must be host:port"),
            (("--name", "a*"), "--name: cannot be a bundle's name"),
            (("--upstream", "ftp://example.org/a"), "ftp"),
            (("--policy", "nowhere.toml"), "nowhere.toml"),
        ],
    )
    def test_what_cannot_be_used_is_said(self, options, message):
        option, value = options
        at = QUICK.index(option) + 1 if option in QUICK else None
        line = (*QUICK, *options) if at is None else (*QUICK[:at], value, *QUICK[at + 1 :])
        answer = run("serve", *line, "--check")
        assert (answer.status, message in answer.err) == (2, True), answer.err


def test_without_its_packages_the_gateway_says_what_to_install():
    """In a process of its own: here, modules that were loaded before have what they need."""
    absent = "import sys; sys.modules['uvicorn'] = None; from verifier.cli.main import run; run()"
    answer = subprocess.run(
        [sys.executable, "-c", absent, "serve", *QUICK], capture_output=True, text=True, check=False
    )
    assert (answer.returncode, "pip install 'policy-verifier[gateway]'" in answer.stderr) == (2, True)


@pytest.mark.usefixtures("place")
class TestChecking:
    def test_says_what_would_be_served(self):
        assert run("ledger", "init", "--ledger", "sqlite:ledger.db").status == 0
        Path("gateway.toml").write_text(CONFIGURATION)
        answer = run("serve", "--config", "gateway.toml", "--check")
        assert (answer.status, "/bundles/authz  bundle:authz" in answer.out) == (0, True), answer.err
        assert "ledger.db" in answer.out

    @pytest.mark.parametrize(
        ("ledger", "status", "seen"),
        [
            ("sqlite:nowhere.db", 3, "ledger.unavailable"),
            ("sqlite:trust.toml", 3, "ledger."),
            ("mysql://h/x", 2, "ledger"),
        ],
    )
    def test_says_that_there_is_no_such_ledger(self, ledger, status, seen):
        Path("gateway.toml").write_text(CONFIGURATION.replace("sqlite:ledger.db", ledger))
        answer = run("serve", "--config", "gateway.toml", "--check")
        assert (answer.status, seen in answer.err) == (status, True), answer.err
        assert not Path("nowhere.db").exists()

    @pytest.mark.parametrize(
        ("workers", "bound", "said"),
        [
            ("0", "", "is 0, expected a number from 1 to 64"),
            ("65", "", "is 65, expected a number from 1 to 64"),
            ("3", "[limits]\nconnections = 2\n", "3 workers cannot share 2 connections"),
        ],
    )
    def test_says_that_so_many_workers_cannot_be(self, workers, bound, said):
        Path("gateway.toml").write_text(CONFIGURATION + bound)
        answer = run("serve", "--config", "gateway.toml", "--check", "--workers", workers)
        assert (answer.status, f"--workers: {said}" in answer.err) == (2, True), answer.err

    def test_says_that_no_rule_is_for_a_bundle(self):
        Path("trust.toml").write_text(Path("trust.toml").read_text().replace("bundle:authz", "bundle:other"))
        Path("gateway.toml").write_text(CONFIGURATION)
        answer = run("serve", "--config", "gateway.toml", "--check")
        assert (answer.status, "bundles.authz: no rule of" in answer.err) == (2, True), answer.err

    def test_answers_for_each_bundle(self):
        assert run("ledger", "init", "--ledger", "sqlite:ledger.db").status == 0
        others = '[bundles.other]\nupstream = "o.tar.gz"\n[bundles.far]\nupstream = "ftp://acme.example/o"\n'
        Path("gateway.toml").write_text(CONFIGURATION + others)
        answer = run("serve", "--config", "gateway.toml", "--check")
        assert answer.status == 2
        assert [row.rpartition("  ")[2] for row in answer.out.splitlines()[:3]] == [
            "configured",
            "never accepted",
            "never accepted",
        ]
        assert "bundles.other: no rule of" in answer.err
        assert "ftp" in answer.err

    def test_says_which_images_are_answered_for(self):
        assert run("ledger", "init", "--ledger", "sqlite:ledger.db").status == 0
        text = Path("trust.toml").read_text().replace("bundle:authz", "image:app")
        Path("trust.toml").write_text(text.replace('from = "manifest.revision"', 'from = "attestation.version"'))
        images = '[images.repositories]\n"registry.acme.example/acme/app" = "app"\n"registry.acme.example/*" = "*"\n'
        Path("gateway.toml").write_text(CONFIGURATION.partition("[bundles")[0] + images)
        answer = run("serve", "--config", "gateway.toml", "--check")
        assert (answer.status, answer.err) == (0, "")
        assert "/v1beta1/validate  image:app  for registry.acme.example/acme/app  configured\n" in answer.out
        assert "/v1beta1/validate  image:*  for registry.acme.example/*  configured\n" in answer.out

    def test_says_that_no_rule_is_for_an_image(self):
        images = '[images.repositories]\n"registry.acme.example/acme/app" = "app"\n'
        Path("gateway.toml").write_text(CONFIGURATION + images)
        answer = run("serve", "--config", "gateway.toml", "--check")
        assert (answer.status, "images.repositories: no rule of" in answer.err) == (2, True), answer.err

    def test_says_nothing_of_what_stands_in_the_query_of_an_upstream(self):
        upstream = "https://bundles.example.org/authz.tar.gz?signature=secret"
        Path("gateway.toml").write_text(CONFIGURATION.replace("authz.tar.gz", upstream))
        answer = run("serve", "--config", "gateway.toml", "--check")
        assert "from https://bundles.example.org/authz.tar.gz  configured\n" in answer.out, answer.err
        assert "secret" not in answer.out + answer.err

    def test_says_what_is_wrong_and_where(self):
        Path("gateway.toml").write_text(CONFIGURATION + 'pol = "1s"\n')
        answer = run("serve", "--config", "gateway.toml", "--check")
        assert (answer.status, "gateway.toml:8: unknown key 'pol'" in answer.err) == (2, True), answer.err


class TestSignals:
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_stop_is_orderly_and_no_failure(self, serving, number):
        gateway = serving("--config", "gateway.toml")
        gateway.saw("bundle.served")
        assert gateway.end(number) == 0
        assert [event["event"] for event in gateway.log[-2:]] == ["gateway.stopping", "gateway.stopped"]

    def test_hangup_reloads_the_policy(self, serving):
        gateway = serving("--config", "gateway.toml")
        gateway.saw("bundle.served")
        policy = Path("trust.toml").read_text()
        Path("trust.toml").write_text(policy.replace("[verifiers.ci]", 'floor = "2.0.0"\n[verifiers.ci]'))
        gateway.send(signal.SIGHUP)
        gateway.saw("gateway.reloaded")
        with pytest.raises(urllib.error.HTTPError) as refused:
            gateway.ask()
        refused.value.close()
        assert refused.value.code == 503
        assert gateway.end() == 0

    def test_hangup_with_a_broken_configuration_changes_nothing(self, serving):
        gateway = serving("--config", "gateway.toml")
        gateway.saw("bundle.served")
        Path("gateway.toml").write_text("nonsense")
        gateway.send(signal.SIGHUP)
        assert "gateway.toml:1: not TOML" in gateway.saw("gateway.reload-refused")["message"]
        assert gateway.ask() == Path("authz.tar.gz").read_bytes()
        assert gateway.end() == 0


class TestTheLog:
    @pytest.fixture
    def log(self):
        from tests.support.gateway.scene import Clock  # noqa: PLC0415

        return Log(clock=Clock())

    def test_is_one_object_a_line_whatever_is_in_it(self, log, capsys):
        hostile = 'a\nb\r\x1b[31m\u202e\u2028"}\x7f\ud800'
        log.event(Event(name="x", correlation_id=hostile, facts={"text": hostile, "list": [hostile], "number": 1}))
        line = capsys.readouterr().err
        assert (line.count("\n"), line.isascii(), line.strip().isprintable()) == (1, True, True)
        document = json.loads(line)
        assert (document["event"], document["number"]) == ("x", 1)
        assert document["text"] == document["list"][0] == 'a\\x0ab\\x0d\\x1b[31m\\u202e\\u2028"}\\x7f\\ud800'

    def test_for_people_it_is_words_with_what_to_do(self, capsys):
        log = Log(clock=partial(now, None), style="text")
        facts = {"bundle": "authz", "codes": ["a.b", "c.d"], "message": "two\nlines", "hint": "Do this.", "none": None}
        log.event(Event(name="bundle.refused", level="warning", correlation_id="7", facts=facts))
        head, *below = capsys.readouterr().err.splitlines()
        assert head.endswith("  warning  bundle.refused  bundle=authz  codes=a.b,c.d  correlationId=7")
        assert below == ["    two\\x0alines", "    Do this."]

    @pytest.mark.parametrize(("stream", "is_json"), [(Terminal, False), (Stream, True)])
    def test_it_is_words_where_a_person_looks(self, monkeypatch, stream, is_json):
        monkeypatch.setattr(sys, "stderr", seen := stream())
        Log(clock=partial(now, None)).event(Event(name="x"))
        assert seen.text().startswith("{") is is_json

    def test_that_nobody_can_read_stops_nothing(self, log, monkeypatch):
        with Path("/dev/full").open("w") as full:
            monkeypatch.setattr(sys, "stderr", full)
            log.event(Event(name="x"))
            monkeypatch.undo()
            with contextlib.suppress(OSError):
                full.close()

    def test_of_a_flood_is_a_trickle_with_a_count(self, log, capsys, monkeypatch):
        moment = [0.0]
        monkeypatch.setattr("verifier.cli.serve.log.time.monotonic", lambda: moment[0])
        for _ in range(1000):
            log.event(Event(name="flood"))
        log.event(Event(name="other"))
        moment[0] = 1.5
        log.event(Event(name="flood"))
        lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        assert [line["event"] for line in lines] == ["flood"] * 20 + ["other", "flood"]
        assert lines[-1]["suppressed"] == 980

    def test_takes_what_the_server_and_the_loop_warn_of(self, log, capsys):
        import logging  # noqa: PLC0415

        names = ("uvicorn.error", "asyncio")
        before = {name: (logging.getLogger(name).handlers, logging.getLogger(name).propagate) for name in names}
        try:
            log.take_over_warnings()
            try:
                raise ValueError("x\ny")
            except ValueError:
                logging.getLogger("uvicorn.error").exception("an answer failed")
            logging.getLogger("uvicorn.error").info("not worth a line")
        finally:
            for name, (handlers, propagate) in before.items():
                logger = logging.getLogger(name)
                logger.handlers, logger.propagate = handlers, propagate
                logger.setLevel(logging.NOTSET)
        (line,) = capsys.readouterr().err.splitlines()
        assert json.loads(line)["raised"] == "ValueError: x\\x0ay"
