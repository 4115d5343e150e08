"""The engine that needs no OPA: rego-cpp (`regopy`, the extra "rego"), in a child process.

 * a module on which the child crashes, hangs or runs out of memory is named, and the others are still analysed
 * what was not analysed has a `problem`; no failure of the child looks like a module without builtins

rego-cpp reads v0 and v1 alike and refuses some valid Rego, so its refusal never says that a module is invalid.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from verifier.core.rego import ModuleAnalysis, RegoModule
from verifier.core.value import Value
from verifier.formats.json.write import compact
from verifier.rego.children.child import Command, Ended, Limits, run_child

MAX_MODULE_CHARACTERS = 4 * 1024 * 1024
"""Characters of one module: the compiler's memory grows with several hundred times as many bytes."""
MAX_CRASHES = 8
"""Modules that may end the child before the rest is given up on: bounds the restarts."""
_OUT_OF_MEMORY = 77
"""The worker's exit status when it outgrew its limit."""
_NOT_INSTALLED = 78
"""The worker's exit status where it has no compiler."""
_MISSING = "was not analysed: the built-in Rego compiler (regopy) is not installed, or does not load here"
_HOW_TO_GET_IT = (
    "Install the extra \"rego\" (`pip install '.[rego]'` in a checkout; docs/installing.md says where it exists),"
    " or let a real OPA do it: `verify bundle --rego-engine opa`."
)
_WORKER = Path(__file__).with_name("worker.py")


class RegoCppEngine(Value):
    """rego-cpp under limits: seconds in all, CPU seconds for one module, bytes of memory."""

    timeout_s: float = 60.0
    module_cpu_s: float = 5.0
    memory_bytes: int = 1024 * 1024 * 1024
    name: str = "regocpp"

    def analyse(self, modules: Sequence[RegoModule]) -> tuple[ModuleAnalysis, ...]:
        """The package and the builtins of each module, in the order given."""
        deadline = time.monotonic() + self.timeout_s
        found: list[ModuleAnalysis] = []
        crashes = 0
        while len(found) < len(modules):
            rest = modules[len(found) :]
            left = deadline - time.monotonic()
            if crashes > MAX_CRASHES or left <= 0:
                reason = "time ran out" if left <= 0 else f"{crashes} others ended the compiler"
                found.extend(_unanalysed(module, f"was not analysed: {reason}") for module in rest)
                break
            ended = self._ask(rest, left)
            found.extend(_analysis(module, reply) for module, reply in zip(rest, _replies(ended), strict=False))
            if ended.status == _NOT_INSTALLED:
                found.extend(_unanalysed(module, _MISSING, _HOW_TO_GET_IT) for module in modules[len(found) :])
                break
            if len(found) < len(modules):
                found.append(_unanalysed(modules[len(found)], self._explain(ended)))
                crashes += 1
        return tuple(found)

    def _ask(self, modules: Sequence[RegoModule], timeout_s: float) -> Ended:
        request = {
            "modules": [module.source if _fits(module) else "" for module in modules],
            "memory_bytes": self.memory_bytes,
            "module_cpu_s": self.module_cpu_s,
        }
        # Not -I: it hides what was installed with `pip install --user`, which this process may be running from.
        flags = ("-E", "-P", "-B", *(("-s",) if sys.flags.no_user_site else ()))
        # Its allocator reserves 256 GiB when it is loaded, all of which RLIMIT_DATA counts: it watches over itself.
        limits = Limits(memory_bytes=None, cpu_s=int(timeout_s) + 2)
        command = Command(arguments=(str(_WORKER),), limits=limits, flags=flags)
        return run_child(command, request=compact(request).encode(), timeout_s=timeout_s)

    def _explain(self, ended: Ended) -> str:
        if ended.status == _OUT_OF_MEMORY:
            return f"needed more than {self.memory_bytes >> 20} MiB of memory"
        if ended.status == -signal.SIGPROF:
            return f"needed more than {self.module_cpu_s:g} s to compile"
        return f"ended the compiler, which {ended.how}"


def _replies(ended: Ended) -> list[dict[str, Any]]:
    """The whole lines of the reply; the process may have died in the middle of one."""
    replies = []
    for line in ended.output.split(b"\n")[:-1]:
        try:
            reply = json.loads(line)
        except (ValueError, RecursionError):
            break
        if not isinstance(reply, dict):
            break
        replies.append(reply)
    return replies


def _analysis(module: RegoModule, reply: dict[str, Any]) -> ModuleAnalysis:
    if not _fits(module):
        return _unanalysed(module, f"is longer than {MAX_MODULE_CHARACTERS} characters")
    if "problem" in reply:
        return _unanalysed(module, str(reply["problem"]))
    return ModuleAnalysis(path=module.path, package=tuple(reply["package"]), builtins=frozenset(reply["builtins"]))


def _unanalysed(module: RegoModule, problem: str, hint: str = "") -> ModuleAnalysis:
    return ModuleAnalysis(path=module.path, problem=problem, hint=hint)


def _fits(module: RegoModule) -> bool:
    return len(module.source) <= MAX_MODULE_CHARACTERS
