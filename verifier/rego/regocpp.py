"""The engine that needs no OPA: rego-cpp (`regopy`, the extra "rego"), in a child process.

 * a module on which the child crashes, hangs or runs out of memory is named, and the others are still analysed
 * what was not analysed has a `problem`; no failure of the child looks like a module without builtins

rego-cpp reads v0 and v1 alike, and calls some builtins otherwise than OPA: what it says is held against the text
(`verifier.rego.text.analysis`). It refuses some valid Rego, the newest above all: there its refusal says nothing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from threading import Event, get_ident
from typing import Any

from verifier.core.rego import HOW_TO_INSTALL, NOT_INSTALLED, ModuleAnalysis, RegoModule
from verifier.core.value import Value
from verifier.formats.json.write import compact
from verifier.rego.children.child import Command, Ended, Limits, end_all, run_child
from verifier.rego.text.analysis import Compiled, analysis_of, in_braces, refusal_of

MAX_MODULE_CHARACTERS = 4 * 1024 * 1024
"""Characters of one module: the compiler's memory grows with several hundred times as many bytes."""
MAX_CRASHES = 8
"""Modules that may end a child before the rest is given up on: bounds the restarts."""
MAX_CHILDREN = 4
"""Children at once, if there are as many processors; each has the whole of the limits."""
_MANY = 64
"""Modules that one child does alone: another takes as long to start."""
_OUT_OF_MEMORY = 77
"""The worker's exit status when it outgrew its limit."""
_NOT_INSTALLED = 78
"""The worker's exit status where it has no compiler."""
_WORKER = Path(__file__).with_name("worker.py")


class RegoCppEngine(Value):
    """rego-cpp under limits: seconds in all, CPU seconds for one module, bytes of memory."""

    timeout_s: float = 120.0
    module_cpu_s: float = 5.0
    memory_bytes: int = 1024 * 1024 * 1024
    name: str = "regocpp"

    def analyse(self, modules: Sequence[RegoModule]) -> tuple[ModuleAnalysis, ...]:
        """The package and the calls of each module, in the order given."""
        deadline = time.monotonic() + self.timeout_s
        replies = self._side_by_side([_fitting(module) for module in modules], deadline)
        again = {index: text for index, text in _in_braces(modules, replies) if deadline > time.monotonic()}
        for index, reply in zip(again, self._replies(list(again.values()), deadline), strict=True):
            if "problem" not in reply:
                replies[index] = reply
        return tuple(map(_analysis, modules, replies))

    def _side_by_side(self, sources: list[str], deadline: float) -> list[dict[str, Any]]:
        """The replies to all, of a child for each processor where there is much to do."""
        children = min(MAX_CHILDREN, os.cpu_count() or 1) if len(sources) >= _MANY else 1
        if children == 1:
            return self._replies(sources, deadline)
        share = -(-len(sources) // children)
        parts = [sources[start : start + share] for start in range(0, len(sources), share)]
        over, workers = Event(), set[int]()

        def work(part: list[str]) -> list[dict[str, Any]]:
            workers.add(get_ident())
            return self._replies(part, deadline, over)

        with ThreadPoolExecutor(children) as pool:
            try:
                return list(chain.from_iterable(pool.map(work, parts)))
            except BaseException:  # whoever interrupts this waits for no compiler
                over.set()
                end_all(workers)
                raise

    def _replies(self, sources: list[str], deadline: float, over: Event | None = None) -> list[dict[str, Any]]:
        """A reply to each; where a child did not come to one, why, and the others of the next child."""
        found: list[dict[str, Any]] = []
        crashes = 0
        while len(found) < len(sources):
            left = deadline - time.monotonic()
            if crashes > MAX_CRASHES or left <= 0 or (over is not None and over.is_set()):
                reason = "time ran out" if left <= 0 else f"{crashes} others ended the compiler"
                return found + [_no_reply(f"was not analysed: {reason}")] * (len(sources) - len(found))
            ended = self._ask(sources[len(found) :], left)
            found += _replies(ended)[: len(sources) - len(found)]
            if ended.status == _NOT_INSTALLED:
                return found + [_no_reply(NOT_INSTALLED, HOW_TO_INSTALL)] * (len(sources) - len(found))
            if len(found) < len(sources):
                found.append(_no_reply(self._explain(ended)))
                crashes += 1
        return found

    def _ask(self, sources: Sequence[str], timeout_s: float) -> Ended:
        request = {
            "modules": sources,
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
        return ModuleAnalysis(path=module.path, problem=f"is longer than {MAX_MODULE_CHARACTERS} characters")
    if "problem" in reply:
        problem = str(reply["problem"])
        if reply.get("refused"):
            return refusal_of(module, problem)
        return ModuleAnalysis(
            path=module.path, problem=problem, hint=reply.get("hint", ""), final=reply.get("final", True)
        )
    compiled = Compiled(
        package=tuple(reply["package"]),
        calls=tuple(reply["calls"]),
        rules=frozenset(map(tuple, reply["rules"])),
        wrong=reply.get("wrong", ""),
    )
    return analysis_of(module, compiled)


def _no_reply(problem: str, hint: str = "") -> dict[str, Any]:
    """Nothing, for a reason that may be another one next time."""
    return {"problem": problem, "hint": hint, "final": False}


def _in_braces(modules: Sequence[RegoModule], replies: list[dict[str, Any]]) -> Iterator[tuple[int, str]]:
    """What is worth another try: modules that were refused, as they may be written for the compiler to read them."""
    for index, (module, reply) in enumerate(zip(modules, replies, strict=True)):
        if reply.get("refused") and _fits(module) and (text := in_braces(module)) is not None:
            yield index, text


def _fitting(module: RegoModule) -> str:
    """What the compiler is given; OPA passes over a byte order mark, and rego-cpp does not."""
    return module.source.removeprefix("\ufeff") if _fits(module) else ""


def _fits(module: RegoModule) -> bool:
    return len(module.source) <= MAX_MODULE_CHARACTERS
