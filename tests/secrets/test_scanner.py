"""A search finds secrets wherever they are, keeps nothing of them, and says where it could not look."""

import codecs
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.images.inside import config, judged, platform_image, said
from tests.support.images.planted import (
    ALL,
    AWS,
    GITHUB,
    LOGIN,
    NPM,
    OURS,
    PASSWORD,
    SLACK,
    THEIRS,
    put,
    searched,
)
from tests.support.images.tables import layer
from tests.support.material import private_pem
from verifier.core.errors import ConfigurationError
from verifier.core.outcome import Passed
from verifier.kinds.image.checks import secrets
from verifier.secrets import worker
from verifier.secrets.finding import MOST_NAMED
from verifier.secrets.scanner import Scanner
from verifier.trust.sections.image import ImageRule

PLANTED = OURS | THEIRS


def test_every_kind_is_found_at_its_place(compiled):
    scan = searched(compiled, *PLANTED.items())
    assert scan.problems == ()
    assert {each.path for each in scan.findings} == PLANTED.keys()
    assert {each.where for each in scan.findings} == {"0"}
    lines = {each.path: each.line for each in scan.findings}
    assert (lines["etc/pip.conf"], lines["root/.netrc"], lines["app/ci.yml"], lines["etc/app.ini"]) == (2, 3, 1, 3)


def test_a_layer_without_secrets_has_none(compiled):
    scan = searched(compiled, ("etc/passwd", "root:x:0:0::/:/bin/sh\n"), ("app/run", bytes(range(256)) * 100))
    assert scan == searched(compiled)
    assert (scan.findings, scan.more, scan.problems) == ((), 0, ())


def test_not_a_character_of_a_secret_is_said(compiled):
    told = config_of(
        Env=[f"TOKEN={GITHUB}", f"DB_PASSWORD={PASSWORD}"], Labels={PASSWORD: f"https://u:{PASSWORD}@x.acme.example"}
    )
    scan = searched(compiled, *PLANTED.items(), config=told)
    outcome = judged(secrets.check, ImageRule(secrets="deny"), platform_image(layer(), config=config(), scan=scan))
    everything = repr(scan) + "".join(f"{each!r}" for each in outcome.reasons)
    key = private_pem("p256").decode().splitlines()[1]
    assert [secret for secret in (*ALL, key, key[:8], LOGIN[:8], AWS[:8]) if secret in everything] == []


def test_one_secret_twice_has_one_fingerprint_and_another_one_in_the_next_search(compiled):
    files = [("a", OURS["app/cache.yml"]), ("b", OURS["app/settings.py"]), ("c", THEIRS["app/ci.yml"])]
    first, second = (searched(compiled, *files) for _ in range(2))
    assert [each.path for each in first.findings] == [each.path for each in second.findings] == ["a", "b", "c"]
    a, b, c = (each.fingerprint for each in first.findings)
    assert a == b != c
    assert {a, c}.isdisjoint(each.fingerprint for each in second.findings)


def test_a_secret_that_two_rules_know_is_one_finding(compiled):
    scan = searched(compiled, (".npmrc", f"//registry.npmjs.org/:_authToken={NPM}\n"))
    assert len(scan.findings) == 1


WRITINGS = {
    "in a program": b"\x7fELF" + bytes(range(256)) * 20 + GITHUB.encode() + b"\0" + bytes(range(256)) * 20,
    "in UTF-16": codecs.BOM_UTF16_LE + f"token = {GITHUB}\n".encode("utf-16-le"),
    "in base64": b"dG9rZW4gPSAi" + codecs.encode(f"; token = {GITHUB} ;;".encode(), "base64").replace(b"\n", b""),
    "beside a word to look away": f"{GITHUB}  # kingfisher:ignore gitleaks:allow pragma: allowlist secret\n".encode(),
    "without an end of its line": f"x={GITHUB}".encode(),
    "behind a NUL": b"\0" * 5_000 + f" {SLACK} ".encode(),
}


def test_it_is_found_however_it_is_written(compiled):
    assert [each.path for each in searched(compiled, *WRITINGS.items()).findings] == sorted(WRITINGS)


@pytest.mark.parametrize("secret", [GITHUB, f"redis://:{PASSWORD}@cache.acme.example/"], ids=["theirs", "ours"])
def test_it_is_found_across_the_ends_of_windows(compiled, secret):
    line, files, lines = b"0123456789abcde\n", {}, {}
    for at in (2**20, 2**20 - 4_096, worker.WINDOW, worker.WINDOW - worker.OVERLAP):
        before = line * ((at - len(secret) // 2) // len(line))
        gap = b" " * (at - len(secret) // 2 - len(before))
        files[str(at)] = before + gap + f" {secret} \n".encode() + line * 70_000
        lines[str(at)] = before.count(b"\n") + 1
    assert {each.path: each.line for each in searched(compiled, *files.items()).findings} == lines


def test_it_is_found_in_pieces_of_one_byte(compiled):
    scanner = Scanner(cache=compiled)
    put(scanner, 3, "app/ci.yml", THEIRS["app/ci.yml"], piece=1)
    put(scanner, 3, "app/empty", b"")
    put(scanner, 3, "root/.netrc", OURS["root/.netrc"], piece=1)
    scan = scanner.findings()
    assert [(each.where, each.path) for each in scan.findings] == [("3", "app/ci.yml"), ("3", "root/.netrc")]
    assert scan == scanner.findings()


def test_layers_that_are_read_at_once_are_told_apart(compiled):
    scanner = Scanner(cache=compiled)

    def read(number):
        for each in range(200):
            put(scanner, number, f"{number}/{each}", f"{'x' * 3_000}\n{GITHUB if each == number else ''}\n")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read, range(8)))
    scan = scanner.findings()
    assert [(each.where, each.path, each.line) for each in scan.findings] == [
        (str(each), f"{each}/{each}", 2) for each in range(8)
    ]


def test_what_is_found_is_bounded_and_the_rest_is_counted(compiled):
    scan = searched(compiled, *((f"{each:04}", OURS["app/cache.yml"]) for each in range(MOST_NAMED + 50)))
    assert (len(scan.findings), scan.more) == (MOST_NAMED, 50)
    assert scan.findings[0].path == "0000"


def config_of(history=(), **run):
    return json.dumps({"architecture": "amd64", "os": "linux", "config": run, "history": list(history)}).encode()


CONFIGS = {
    "Env, by its form": (config_of(Env=["PATH=/bin", f"T={GITHUB}"]), "config.Env[1]"),
    "Env, by its name": (config_of(Env=[f"POSTGRES_PASSWORD={PASSWORD}"]), "config.Env[0]"),
    "Cmd": (config_of(Cmd=["run", f"--dsn=mysql://app:{PASSWORD}@db.acme.example/app"]), "config.Cmd[1]"),
    "Entrypoint": (config_of(Entrypoint=["/app", f"--token={PASSWORD}"]), "config.Entrypoint[1]"),
    "a label": (config_of(Labels={"acme.token": PASSWORD}), "config.Labels.acme.token"),
    "the name of a label": (config_of(Labels={"a": "", GITHUB: ""}), "config.Labels.[1]"),
    "a build argument": (
        config_of([{"created_by": f"RUN |1 NPM_TOKEN={PASSWORD} /bin/sh -c npm ci # buildkit"}]),
        "history[0].created_by",
    ),
    "a step": (
        config_of(
            [{}, {"created_by": f'RUN echo "{{\\"auths\\":{{\\"r\\":{{\\"auth\\":\\"{LOGIN}\\"}}}}}}" > /root/c'}]
        ),
        "history[1].created_by",
    ),
    "a comment": (config_of([{"comment": f"pushed with {SLACK}"}]), "history[0].comment"),
    "a field that nobody knows": (
        json.dumps({"container_config": {"OnBuild": [f"ENV X {GITHUB}"]}}).encode(),
        "container_config.OnBuild[0]",
    ),
}


@pytest.mark.parametrize(("content", "place"), CONFIGS.values(), ids=CONFIGS)
def test_a_config_is_searched_everywhere(compiled, content, place):
    (finding,) = searched(compiled, config=content).findings
    assert (finding.where, finding.path, finding.line) == ("config", place, None)


def test_a_config_of_nothing_but_secrets_costs_no_more_than_its_length(compiled):
    many = [f"A{each}_TOKEN=abcd{each}x" for each in range(4_000)]
    steps = [{"created_by": " ".join(f"B{each}_TOKEN=abcd{each}y" for each in range(50_000))}]
    scan = searched(compiled, config=config_of(steps, Env=many))
    assert len(scan.findings) == MOST_NAMED
    assert scan.more == worker.MAX_FINDINGS - MOST_NAMED
    assert said_of(scan)[-1] == "image.not-inspected"


def test_what_configs_say_is_no_secret(compiled):
    variables = [
        "GPG_KEY=E3FF2839C048B25C084DEBE9B26995E310250568",
        "DB_PASSWORD_FILE=/run/secrets/db",
        "DB_PASSWORD=/run/secrets/db",
        "ADMIN_PASSWORD=",
        "TOKEN_TTL=30s",
        "MAX_TOKEN=100000",
        "PYTHON_SHA256=" + "ab" * 32,
    ]
    step = {"created_by": 'RUN TOKEN="$(cat /run/secrets/x)" make TOKEN=$TOKEN'}
    labels = {"org.opencontainers.image.revision": "ab" * 20, "maintainer": "ci@acme.example"}
    assert searched(compiled, config=config_of([step], Env=variables, Labels=labels)).findings == ()


def test_a_scanner_that_outgrows_its_memory_is_a_problem(compiled):
    scan = searched(compiled, *OURS.items(), memory_bytes=40 * 1024 * 1024)
    assert len(scan.problems) == 1
    assert {each.path for each in scan.findings} == OURS.keys()
    assert said_of(scan)[-1] == "image.not-inspected"


def test_a_scanner_that_outgrows_its_time_is_a_problem():
    scan = searched(None, ("app/file", b"x"), cpu_s=2)  # compiling its rules takes more
    assert "CPU time" in scan.problems[0]
    assert said_of(scan) == ["image.not-inspected"]


def said_of(scan):
    return said(judged(secrets.check, ImageRule(secrets="deny"), platform_image(layer(), config=config(), scan=scan)))


def test_a_search_that_was_ended_is_no_pass(compiled):
    scanner = Scanner(cache=compiled)
    put(scanner, 0, "app/file", b"x" * 2**20)
    scanner.close()
    assert said_of(scanner.findings()) == ["image.not-inspected"]


def test_a_file_that_never_ended_is_no_pass(compiled):
    scanner = Scanner(cache=compiled)
    sink = scanner.of_layer(0)(layer_file("big"))
    sink.feed(b"x" * 2**21)
    assert said_of(scanner.findings()) == ["image.not-inspected"]


def layer_file(path):
    from tests.support.images.tables import file  # noqa: PLC0415 - its name is taken here

    return file(path)


def test_a_cache_that_others_may_write_to_is_refused(tmp_path):
    folder = tmp_path / "compiled"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    with pytest.raises(ConfigurationError, match="ours alone"):
        Scanner(cache=folder)


def test_a_search_that_found_nothing_passes(compiled):
    scan = searched(compiled, ("a", b"x"))
    image = platform_image(layer(), config=config(), scan=scan)
    assert isinstance(judged(secrets.check, ImageRule(secrets="deny"), image), Passed)
