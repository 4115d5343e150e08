"""The command `opa`, asked one question at a time, each in a child with hard limits.

* it finds an empty environment, one folder, and no descriptor of ours
* an answer is one JSON object; anything else, a crash, a signal, too much of anything is an `OpaProblem`

Measured with OPA 1.22: it starts in 128 MiB of RLIMIT_DATA, for Go takes its heap in pieces of 64 MiB; the garbage
collector works more often than it would, so that more of the limit is left for what is in use. It is not told of a
limit (GOMEMLIMIT): near it, it would work until the time is up, where the kernel's limit ends it at once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verifier.core.value import Value
from verifier.rego.children.child import Command, Limits, run_child

CAPABILITIES = "capabilities.json"
"""The file that says which builtins there are."""
SLOWEST_S = 20.0
"""Seconds for one child: some short modules take OPA's parser minutes, and the others shall not wait for them."""
_ENVIRONMENT = {"GOMAXPROCS": "2", "GOGC": "50"}
_LIMITS = Limits(memory_bytes=1024 * 1024 * 1024, cpu_s=30)
_SAYS_BY_COMPLAINING = {"check", "parse"}
"""Which print their errors to standard error."""


class OpaProblem(Exception):
    """Why OPA gave no answer."""


class OpaCommand(Value):
    """The OPA at `executable`, in `folder`, until `deadline` (of the monotonic clock, in seconds)."""

    executable: str
    folder: Path
    deadline: float

    def ask(self, *arguments: str, request: bytes = b"") -> dict[str, Any]:
        """The JSON object that `opa ARGUMENTS` prints, {} for nothing: some successes are silent."""
        status, how, output = self._run(arguments, request)
        try:
            answer = json.loads(output or b"{}")
        except (ValueError, RecursionError) as error:
            raise OpaProblem(f"opa {arguments[0]} {how} and printed no JSON") from error
        if not isinstance(answer, dict) or (status != 0 and not answer):
            raise OpaProblem(f"opa {arguments[0]} {how} and explained nothing")
        return answer

    def say(self, *arguments: str) -> str:
        """The text that `opa ARGUMENTS` prints."""
        status, how, output = self._run(arguments, b"")
        if status != 0:
            raise OpaProblem(f"opa {arguments[0]} {how}")
        return output.decode("utf-8", "replace")

    def _run(self, arguments: tuple[str, ...], request: bytes) -> tuple[int, str, bytes]:
        command = Command(
            arguments=(self.executable, *arguments),
            limits=_LIMITS,
            folder=self.folder,
            environment=_ENVIRONMENT,
            complaints=arguments[0] in _SAYS_BY_COMPLAINING,
        )
        left = self.deadline - time.monotonic()
        ended = run_child(command, request=request, timeout_s=min(left, SLOWEST_S))
        # Go ends with 2 where it may have no more memory, as OPA does for what it has to explain.
        if ended.late or ended.flooded or ended.unstarted or ended.out_of_memory or ended.status not in {0, 1, 2}:
            raise OpaProblem(f"opa {arguments[0]} {ended.how}")
        return ended.status, ended.how, ended.output


def errors_of(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What OPA complains of in its answer."""
    return answer.get("errors") or []
