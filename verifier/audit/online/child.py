"""The program that asks by way of pip-audit, in a process of its own. `children` starts it.

* reads one request, a JSON object, from standard input, and writes one JSON line for each answer as soon as it is
  known, and `{"end": …}` behind the last: what has no line was not answered
* pip-audit's word alone is never an answer: what the server sent is looked at beside it, and both have to say the same
* a skip, a warning, a key that is missing, an answer that is empty, an exception: each is a line that says so
* to resolve, no pip is taken from the index: it would run before anybody has looked at it
* depends on nothing but the standard library and pip-audit 2.10: it is run by its path

Everything else of pip-audit is private to it (its modules begin with an underscore): the names that are used here are
held by tests/audit/online/test_pip_audit_names.py.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO

WRONG_VERSION = 77
"""Exit status of a process that found another pip-audit than 2.10."""
NOT_INSTALLED = 78
"""Exit status of a process without pip-audit, before it has read anything."""

try:
    from importlib.metadata import version as _version_of

    import requests
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion, Version
    from pip_audit._dependency_source import DependencySourceError, RequirementSource
    from pip_audit._service import PyPIService, ResolvedDependency
    from pip_audit._service.interface import Dependency, ServiceError, VulnerabilityResult
    from pip_audit._virtual_env import VirtualEnv
except ImportError as error:
    if __name__ != "__main__":
        raise
    os.write(2, str(error).encode())
    sys.exit(WRONG_VERSION if (error.name or "").startswith("pip_audit.") else NOT_INSTALLED)

SERIES = (2, 10)
AT_ONCE = 4
"""Connections to PyPI."""
MAX_CANDIDATES = 12
"""Versions of one package that are asked about as what may be a fix."""
FOR_THE_MOMENT = frozenset({429, 500, 502, 503, 504})
LONGEST_PAUSE_S = 30.0
MAX_TEXT = 300


class Unsaid(Exception):
    """Why there is no answer: `kind` is "skipped", "undecided" or "failed"."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind


class Heard(logging.Handler):
    """What pip-audit warned of, by the thread that it did so in."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.by_thread: dict[int, list[str]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.by_thread.setdefault(record.thread or 0, []).append(record.getMessage())

    def taken(self) -> list[str]:
        """What this thread was warned of since it last asked."""
        return self.by_thread.pop(threading.get_ident(), [])


class Asking:
    """Questions to PyPI, until the deadline."""

    def __init__(self, request: dict[str, Any], replies: Callable[[dict[str, Any]], None], heard: Heard) -> None:
        self._cache, self._timeout_s, self._attempts = request["cache"], request["timeout_s"], request["attempts"]
        self._deadline = time.monotonic() + request["whole_s"]
        self._replies, self._heard = replies, heard
        self._here = threading.local()
        self._failures, self._most = 0, request["failures"]

    def package(self, at: int, name: str, version: str) -> None:
        """Answer for one package, and for what may be a fix of it."""
        vulnerabilities = self._reply(at, name, version)
        for candidate in _candidates(version, vulnerabilities or []):
            known = self._reply(at, name, candidate)
            if known is not None and all(map(_is_withdrawn, known)):
                return

    def _reply(self, at: int, name: str, version: str) -> list[dict[str, Any]] | None:
        """What is known of a version, once it is written; None where nothing is."""
        said: dict[str, Any] = {"at": at, "version": version}
        try:
            if self._failures >= self._most:
                raise Unsaid("failed", f"not asked: {self._failures} questions have failed already")
            said["vulnerabilities"] = self._asked(name, version)
        except Unsaid as unsaid:
            self._failures += unsaid.kind == "failed"
            said |= {"said": unsaid.kind, "why": str(unsaid)[:MAX_TEXT]}
        self._replies(said)
        return said.get("vulnerabilities")

    def _asked(self, name: str, version: str) -> list[dict[str, Any]]:
        try:
            asked = ResolvedDependency(name, Version(version))
        except InvalidVersion:
            raise Unsaid("undecided", f"{version!r} is no version, as PyPI understands them") from None
        self._heard.taken()
        answered, results = self._tried(asked)
        if warnings := self._heard.taken():
            raise Unsaid("failed", f"pip-audit warned: {warnings[0]}")
        if answered.is_skipped():
            raise Unsaid("skipped", getattr(answered, "skip_reason", "") or "pip-audit skipped it")
        try:
            return _sound(self._here.response, asked, results)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Unsaid("failed", _words(error, None)) from error

    def _tried(self, asked: ResolvedDependency) -> tuple[Dependency, list[VulnerabilityResult]]:
        """What pip-audit says, asked again for what fails for the moment."""
        for attempt in range(1, self._attempts + 1):
            self._here.response = None
            try:
                found: tuple[Dependency, list[VulnerabilityResult]] = self._service().query(asked)
            except Exception as error:
                left = self._deadline - time.monotonic()
                pause = _pause(self._here.response, error, attempt)
                if pause is None or attempt == self._attempts or pause >= left:
                    raise Unsaid("failed", _words(error, self._here.response)) from error
                time.sleep(pause)
            else:
                return found
        raise AssertionError("there is at least one attempt")

    def _service(self) -> PyPIService:
        """This thread's own, whose answers are looked at beside it."""
        found: PyPIService | None = getattr(self._here, "service", None)
        if found is None:
            from pathlib import Path  # noqa: PLC0415 - pip-audit wants one

            found = PyPIService(Path(self._cache) / str(threading.get_ident()), self._timeout_s)
            get = found.session.get

            def watched(**options: Any) -> requests.Response:
                response: requests.Response = get(**options)
                self._here.response = response
                return response

            found.session.get = watched
            self._here.service = found
        return found


def _sound(response: requests.Response, asked: ResolvedDependency, results: list[VulnerabilityResult]) -> list[Any]:
    """What the server sent; `Unsaid` where that is not what pip-audit made of it, or says nothing."""
    if not response.url.startswith("https://pypi.org/"):
        raise Unsaid("failed", "the answer comes from somewhere else than https://pypi.org")
    sent = response.json()
    vulnerabilities = sent.get("vulnerabilities")
    if "vulnerabilities" not in sent:
        raise Unsaid("undecided", "PyPI's answer does not say whether there are vulnerabilities")
    if not isinstance(vulnerabilities, list):
        raise Unsaid("failed", "PyPI's answer has no list of vulnerabilities")
    info = sent.get("info")
    if not isinstance(info, dict) or not _is_about(info, asked):
        raise Unsaid("failed", "PyPI's answer is about something else")
    live = [{each["id"], *each["aliases"]} for each in vulnerabilities if not _is_withdrawn(each)]
    if live != [{each.id, *each.aliases} for each in results]:
        raise Unsaid("failed", "pip-audit reads another number of vulnerabilities from PyPI's answer, or other ids")
    return vulnerabilities


def _is_about(info: dict[str, Any], asked: ResolvedDependency) -> bool:
    try:
        same_version = Version(str(info.get("version"))) == asked.version
    except InvalidVersion:
        return False
    return same_version and canonicalize_name(str(info.get("name"))) == canonicalize_name(asked.name)


def _candidates(version: str, vulnerabilities: list[dict[str, Any]]) -> list[str]:
    """Versions above `version` that PyPI calls fixed, the lowest first."""
    fixed = {Version(each): each for one in vulnerabilities if not _is_withdrawn(one) for each in one["fixed_in"]}
    return [fixed[each] for each in sorted(fixed) if each > Version(version)][:MAX_CANDIDATES]


def _is_withdrawn(vulnerability: dict[str, Any]) -> bool:
    """As pip-audit sees it."""
    return vulnerability.get("withdrawn") is not None


def _pause(response: requests.Response | None, error: Exception, attempt: int) -> float | None:
    """Seconds until it may be asked again; None where that is of no use."""
    if response is None:
        return 0.25 * 2 ** (attempt - 1) if isinstance(error, requests.ConnectionError) else None
    if response.status_code not in FOR_THE_MOMENT:
        return None
    stated = response.headers.get("retry-after", "")
    wait = float(stated[:9]) if stated.isascii() and stated.isdigit() else 0.25 * 2 ** (attempt - 1)
    return wait if wait <= LONGEST_PAUSE_S else None


def _words(error: Exception, response: requests.Response | None) -> str:
    """What went wrong, without what a server wrote."""
    if response is not None and response.status_code != 200:
        return f"PyPI answered with status {response.status_code}"
    cause = error.__cause__ if isinstance(error, ServiceError) and not str(error) and error.__cause__ else error
    if isinstance(cause, ServiceError):
        return str(cause)
    if isinstance(cause, ValueError):
        return f"PyPI's answer is no JSON ({type(cause).__name__})"
    return f"PyPI was not reached, or its answer makes no sense ({type(cause).__name__})"


def _by_our_pip(run: Callable[..., str]) -> Callable[..., str]:
    """`run` as pip-audit's virtual environments use it, with the pip of this Python in place of one that the index
    hands out."""

    def ran(command: Sequence[str], **options: Any) -> str:
        python, *rest = command
        if rest[:3] != ["-m", "pip", "install"]:
            raise ValueError("pip-audit runs something else than pip")
        if "--upgrade" in rest:
            return ""
        return run([sys.executable, "-P", "-m", "pip", "--python", python, *rest[2:]], **options)

    return ran


def resolved(request: dict[str, Any], heard: Heard) -> Iterator[dict[str, Any]]:
    """What pip-audit's resolver makes of a file of requirements."""
    from pathlib import Path  # noqa: PLC0415 - pip-audit wants one

    environments: Any = sys.modules[VirtualEnv.__module__]
    environments.run = _by_our_pip(environments.run)
    source = RequirementSource(
        [Path(request["file"])],
        require_hashes=request["require_hashes"],
        index_url=request["index"] or None,
        extra_index_urls=request["more_indexes"],
    )
    try:
        for each in source.collect():
            if each.is_skipped():
                yield {"name": each.name, "said": "skipped", "why": getattr(each, "skip_reason", "")[:MAX_TEXT]}
            else:
                yield {"name": each.canonical_name, "version": str(each.version)}
    except (DependencySourceError, OSError, ValueError) as error:
        detail = next((line for said in heard.taken() for line in said.splitlines() if "ERROR:" in line), "")
        # pip-audit repeats its command, and with it the URL of the index, which may hold a password.
        said = "pip ended without a word" if "--index-url" in str(error) else str(error)
        why = f"{type(error).__name__}: {detail or said}"
        yield {"said": "failed", "why": why[:MAX_TEXT]}
        return
    yield from ({"said": "failed", "why": f"pip-audit warned: {each}"[:MAX_TEXT]} for each in heard.taken())


def main() -> None:
    """Answer the request on standard input."""
    if tuple(int(each) for each in _version_of("pip-audit").split(".")[:2]) != SERIES:
        sys.exit(WRONG_VERSION)
    replies, lock = _claimed_stdout(), threading.Lock()
    request = json.loads(sys.stdin.buffer.read())
    heard = Heard()
    logging.getLogger().addHandler(heard)

    def reply(said: dict[str, Any]) -> None:
        line = json.dumps(said).encode() + b"\n"
        with lock:
            replies.write(line)
            replies.flush()

    if request["do"] == "resolve":
        for said in resolved(request, heard):
            reply(said)
    else:
        asking = Asking(request, reply, heard)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done in [pool.submit(asking.package, *each) for each in request["packages"]]:
                done.result()
    reply({"end": True})


def _claimed_stdout() -> BinaryIO:
    """Keep the pipe for the replies: what else is printed is not one."""
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return replies


if __name__ == "__main__":
    main()
