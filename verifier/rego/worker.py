"""The program that compiles Rego with rego-cpp, in a process of its own. `regocpp` starts it.

 * reads one request, a JSON object, from standard input and writes one JSON line a reply; each line is written as
   soon as it is known, so that the module on which the process died is the first one without a line
 * watches over its memory, and the CPU time of each module; every other limit it was started with
 * finds calls in the compiled plan, not in the text; a module of which the compiler lost any part has a problem,
   because a rule that counts on being the last of the module must come out of the compiler
 * depends on nothing but the standard library and regopy: it is run by its path

The plan: https://www.openpolicyagent.org/docs/ir. The C interface: https://microsoft.github.io/rego-cpp.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import re
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

OUT_OF_MEMORY = 77
"""Exit status of a process that outgrew its limit."""
NOT_INSTALLED = 78
"""Exit status of a process without a compiler, before it has read anything."""

try:
    import regopy
    from regopy import rego_shared
except (ImportError, OSError):  # OSError: its library is there and asks for a newer system
    if __name__ != "__main__":
        raise
    sys.exit(NOT_INSTALLED)

MAX_MESSAGE = 500
MAX_BUILTINS = 4_096
_ERROR = re.compile(r"\(error(?: [^|\s]*\|(\d+)\|\d+)?\s+\(errormsg (\d+):")
_CALL, _SCAN, _LOCAL = "rego-callstmt", "rego-scanstmt", "rego-localindex"
_READS = frozenset({"rego-operand", "rego-isdefinedstmt", "rego-isundefinedstmt", "rego-returnlocalstmt"})
_LIBRARY = rego_shared.rego
_BUFFER = ctypes.create_string_buffer(256)
_AT = ctypes.addressof(_BUFFER)
# A plan has thousands of nodes: given an address, they are twice as quick as given a buffer.
_INTO = ctypes.CFUNCTYPE(ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint)
_type_name, _value = (_INTO((name, _LIBRARY)) for name in ("regoNodeTypeName", "regoNodeValue"))
_LEAVES = frozenset(
    {"rego-localindex", "rego-stringindex", "rego-boolean", "rego-int32", "rego-int64", "rego-irstring"}
)


class Problem(Exception):
    """Why a module or an evaluation cannot be answered for."""


class Unreadable(Problem):
    """Why the compiler says that a module is not Rego."""


def main() -> None:
    """Answer the request on standard input."""
    replies = _claim_stdout()
    request = json.loads(sys.stdin.buffer.read())
    _confine(request["memory_bytes"])
    regopy.set_default_log_level("None")
    for answer in _analyse(request):
        replies.write(json.dumps(answer).encode() + b"\n")
        replies.flush()


def _claim_stdout() -> BinaryIO:
    """Keep the pipe for the replies: the native code prints its complaints to standard output."""
    replies, nowhere = os.fdopen(os.dup(1), "wb"), os.open(os.devnull, os.O_WRONLY)
    for complaints in (1, 2):
        os.dup2(nowhere, complaints)
    return replies


def _confine(memory_bytes: int) -> None:
    """What the launcher cannot say (`children.confined` has set the rest)."""
    threading.Thread(target=_watch_memory, args=(memory_bytes,), daemon=True).start()


def _watch_memory(memory_bytes: int) -> None:
    """End the process when it holds more than `memory_bytes`.

    No limit of the kernel's can say it: the compiler's allocator reserves 256 GiB of addresses when it is loaded. The
    native code runs without the interpreter's lock, so that this thread sees it grow.
    """
    while _resident_bytes() <= memory_bytes:
        time.sleep(0.01)
    os._exit(OUT_OF_MEMORY)


def _resident_bytes() -> int:
    try:
        with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - as light as it can be
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:  # not Linux; the high-water mark is of this process alone, in bytes on macOS
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _analyse(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for source in request["modules"]:
        # The default action of SIGPROF ends the process, also inside native code.
        signal.setitimer(signal.ITIMER_PROF, request["module_cpu_s"])
        try:
            plan = Plan.of([source])
            if len(calls := sorted(plan.foreign_calls())) > MAX_BUILTINS:
                raise Problem(f"calls more than {MAX_BUILTINS} functions")
            rules = plan.rules_of(plan.packages[0])
            yield {"package": plan.packages[0], "calls": calls, "rules": rules, **plan.wrong(calls)}
        except Problem as problem:
            yield {"problem": str(problem)[:MAX_MESSAGE], "refused": isinstance(problem, Unreadable)}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)


class Plan:
    """Modules compiled together: every rule and function of them, reached or not."""

    def __init__(self, interpreter: regopy.Interpreter, bundle: regopy.Bundle, canaries: list[str]) -> None:
        self.interpreter = interpreter
        self._bundle = bundle  # owns the tree
        self._functions = [_Function.read(node) for node in _functions(rego_shared.rego_bundle_node(bundle._impl))]
        self._canaries = frozenset(canaries)
        self._names = {function.name for function in self._functions}
        self.packages = [self._package(canary) for canary in canaries]

    @classmethod
    def of(cls, sources: list[str]) -> Plan:
        """Compile; raises `Problem`."""
        interpreter = regopy.Interpreter()
        canaries = []
        try:
            for index, source in enumerate(sources):
                if "\0" in source:
                    raise Problem("contains a NUL character, at which the compiler would stop reading")
                canaries.append("verifier_canary_" + hashlib.sha256(source.encode()).hexdigest())
                interpreter.add_module(f"module-{index}", f"{source}\n{canaries[-1]} := true\n")
            bundle = interpreter.build("true")
        except UnicodeEncodeError as error:
            raise Problem("is not valid Unicode") from error
        except regopy.RegoError as error:
            raise Unreadable(_explain(str(error), sources[0] if len(sources) == 1 else "")) from error
        if not bundle.ok():
            raise Problem("the compiler gave no plan")
        return cls(interpreter, bundle, canaries)

    def rules_of(self, package: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The places of what the module itself has in `package`: not the query's, and not ours."""
        paths = (function.path for function in self._functions)
        return [path for path in paths if path[: len(package)] == package and path[-1] not in self._canaries]

    def foreign_calls(self) -> set[str]:
        """Functions that are called and not defined here: builtins, and by `data.…` what another module may define."""
        return {name for function in self._functions for name in function.calls()} - self._names

    def wrong(self, calls: list[str]) -> dict[str, Any]:
        """What OPA refuses though this compiler takes it: a rule that needs itself, a variable without a value.

        Of a builtin that it does not have, and of another module's function, it knows no argument that gives a value.
        """
        if (recursive := self._recursive()) or not all(map(self.interpreter.is_builtin, calls)):
            return {"wrong": f"{recursive} needs itself"} if recursive else {}
        unsafe = next((".".join(function.path) for function in self._functions if function.unsafe_locals()), "")
        return {"wrong": f"{unsafe} uses a variable that nothing gives a value"} if unsafe else {}

    def _recursive(self) -> str:
        """A rule that is called by what it calls, "" for none: rules are left out that call nothing left."""
        left = {function.name: function.calls() & self._names for function in self._functions}
        while ends := [name for name, calls in left.items() if not calls & left.keys()]:
            for name in ends:
                del left[name]
        return min(left, default="").partition(".data.")[2]

    def _package(self, canary: str) -> tuple[str, ...]:
        found = [function.path[:-1] for function in self._functions if function.path[-1:] == (canary,)]
        if len(found) == 1:
            return found[0]
        raise Problem("has no package, or a part that the compiler passes over")


class _Function:
    """A rule or a function of the plan: its name, its place below `data`, and its node."""

    def __init__(self, name: str, path: tuple[str, ...], node: int) -> None:
        self.name = name
        self.path = path
        self._node = node
        self._walked: tuple[set[str], set[str], set[str]] | None = None

    @classmethod
    def read(cls, node: int) -> _Function:
        name, path = _children(node)[:2]
        try:
            parts = tuple(str(json.loads(f'"{_text(part)}"')) for part in _children(path)[1:])
        except ValueError as error:
            raise Problem("has a package name that cannot be read") from error
        return cls(_text(name), parts, node)

    def calls(self) -> set[str]:
        """The functions that it calls."""
        return self._found()[0]

    def unsafe_locals(self) -> set[str]:
        """Locals that it reads and that no parameter and no statement sets."""
        _, read, written = self._found()
        return read - written

    def _found(self) -> tuple[set[str], set[str], set[str]]:
        """What it calls, and the locals that it reads and sets: everything in one walk, as each step costs."""
        if self._walked is None:
            calls, read, written = set[str](), set[str](), {"0", "1"}  # `input` and `data`
            for kind, below, kinds in _walk(self._node):
                if kind == _CALL and len(below) == 3:
                    calls.add(_text(below[0]))
                bare = [_text(child) for child, its in zip(below, kinds, strict=True) if its == _LOCAL]
                if kind == _SCAN:  # source, key, value
                    read.update(bare[:1])
                    written.update(bare[1:])
                elif kind in _READS:
                    read.update(bare)
                else:
                    written.update(bare)
            self._walked = calls, read, written
        return self._walked


# The compiled tree, read through the C interface: regopy's own `Node` reads nothing but values of results.


def _functions(root: int) -> list[int]:
    nodes = [root]
    for wanted in ("rego-policy", "rego-functionseq", "rego-function"):
        nodes = [child for node in nodes for child in _children(node) if _kind(child) == wanted]
    return nodes


def _walk(root: int) -> Iterator[tuple[str, list[int], list[str]]]:
    """Every node from `root` on but leaves: its kind, its children, their kinds; no recursion, as plans nest deeply."""
    stack = [(root, _kind(root))]
    while stack:
        node, kind = stack.pop()
        below = _children(node)
        kinds = [_kind(child) for child in below]
        yield kind, below, kinds
        stack.extend(each for each in zip(below, kinds, strict=True) if each[1] not in _LEAVES)


def _children(node: int) -> list[int]:
    return [_LIBRARY.regoNodeGet(node, index) for index in range(_LIBRARY.regoNodeSize(node))]


def _kind(node: int) -> str:
    # Not `rego_node_type_name`: it makes its buffer one byte too small for most kinds.
    if _type_name(node, _AT, len(_BUFFER)) != 0:
        raise Problem("the compiler's plan cannot be read")
    return _BUFFER.value.decode()


def _text(node: int) -> str:
    size = _LIBRARY.regoNodeValueSize(node) + 1
    buffer = _BUFFER if size <= len(_BUFFER) else ctypes.create_string_buffer(size)
    if _value(node, ctypes.addressof(buffer), len(buffer)) != 0:
        raise Problem("the compiler's plan cannot be read")
    return buffer.value.decode("utf-8", "replace")


def _explain(error: str, source: str) -> str:
    """The first message in rego-cpp's error tree, with its line."""
    if (match := _ERROR.search(error)) is None:
        return error.strip()[:MAX_MESSAGE] or "an error without a message"
    offset, length = match.groups()
    message = error[match.end() :][: int(length)]
    line = source.encode("utf-8", "replace")[: int(offset or 0)].count(b"\n") + 1
    return f"line {line}: {message}" if source and offset is not None else message


if __name__ == "__main__":
    main()
