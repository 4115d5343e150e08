"""The embedded engine held against OPA: over generated rules and evidence, whatever it answers, OPA answers alike.

`VERIFIER_ROUNDS` multiplies the rounds. A round is a seed: a difference names it, and `rules.rego` and the document.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from tests.support.peers.peers import executable
from tests.support.rego.differing import DIFFERING
from tests.support.rego.generated import Rules, document
from verifier.core.errors import Refused
from verifier.core.rego import RegoModule
from verifier.rego.organisation.embedded.engine import EmbeddedEngine
from verifier.rego.organisation.embedded.functions import CASED, FUNCTIONS
from verifier.rego.organisation.embedded.values import Budget

pytestmark = pytest.mark.interop
ROUNDS = 5 * int(os.environ.get("VERIFIER_ROUNDS", "1"))
MODULES, DOCUMENTS = 100, 4
"""In one round: OPA is asked once for each document."""
FIRST_SEED = int(os.environ.get("VERIFIER_SEED", "0"))


@pytest.fixture(scope="module")
def program():
    return executable("opa", "OPA")


def messages_by_opa(program, modules, evidence: bytes):
    """The messages in the `deny` of each module, or what OPA complains of."""
    with TemporaryDirectory() as folder:
        for name, source in modules.items():
            (Path(folder) / f"{name}.rego").write_bytes(source.encode())
        query = f"[{', '.join(f'data.{name}.deny' for name in modules)}]"
        options = ("--strict-builtin-errors", "--stdin-input", "--format=json", "--data", folder)
        command = [program, "eval", *options, query]
        done = subprocess.run(command, input=evidence, capture_output=True, check=False)
    answer = json.loads(done.stdout)
    if "result" not in answer:
        return answer.get("errors", "undefined")
    sets = answer["result"][0]["expressions"][0]["value"]
    return {name: sorted(map(message, members)) for name, members in zip(modules, sets, strict=True)}


def message(member):
    return member["msg"] if isinstance(member, dict) else member


def ours(name, source, evidence):
    """The messages, or None where the engine does not answer."""
    rules = [RegoModule(path=name, source=source)]
    try:
        return sorted(denial.message for denial in EmbeddedEngine(steps=100_000).evaluate(rules, document=evidence))
    except Refused:
        return None


def in_the_subset(random):
    """Modules that the engine reads, each in a package of its own."""
    modules = {}
    while len(modules) < MODULES:
        name = f"p{len(modules)}"
        source = Rules(random, name).module()
        try:
            EmbeddedEngine().check([RegoModule(path=name, source=source)])
        except Refused:
            continue
        modules[name] = source
    return modules


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + ROUNDS))
def test_whatever_the_embedded_engine_answers_opa_answers_alike(program, seed):
    random = Random(seed)  # noqa: S311 - repeatable, and no secret
    modules = in_the_subset(random)
    answered = denied = 0
    for _ in range(DOCUMENTS):
        evidence = document(random)
        found = {name: ours(name, source, evidence) for name, source in modules.items()}
        found = {name: messages for name, messages in found.items() if messages is not None}
        answered, denied = answered + len(found), denied + sum(map(bool, found.values()))
        text = json.dumps(evidence, ensure_ascii=False).encode()
        if messages_by_opa(program, {name: modules[name] for name in found}, text) != found:
            wrong = [differing(program, name, modules[name], text, found[name]) for name in found]
            assert [each for each in wrong if each] == []
    # Otherwise nothing would have been compared.
    assert answered > MODULES * DOCUMENTS // 4
    assert 0 < denied < answered


def differing(program, name, source, text, messages):
    """What to look at where one module's answer is another one to OPA."""
    theirs = messages_by_opa(program, {name: source}, text)
    return () if theirs == {name: messages} else (source, text.decode(), messages, theirs)


@pytest.mark.parametrize("kind", DIFFERING)
def test_opa_decides_as_it_was_measured(program, kind):
    condition, text, expected = DIFFERING[kind]
    theirs = messages_by_opa(program, {"r": f'package r\ndeny contains "x" if {{ {condition} }}'}, text.encode())
    assert (bool(theirs["r"]) if isinstance(theirs, dict) else None) is expected


@pytest.mark.parametrize("function", ["lower", "upper"])
def test_every_character_that_has_a_case_to_us_has_it_to_opa(program, function):
    """One at a time, and beside others that a language might look at."""
    cased = [chr(point) for point in range(0x10000) if chr(point).isascii() or CASED.match(chr(point))]
    texts = [text for each in cased for text in (each, f"a{each}", f"{each}Σ")]
    expected = [FUNCTIONS[function].call([text], Budget(1000)) for text in texts]
    rule = f"package r\ndeny contains text if {{ some i, text in input.texts; {function}(text) != input.expected[i] }}"
    evidence = {"texts": texts, "expected": expected}
    assert messages_by_opa(program, {"r": rule}, json.dumps(evidence).encode()) == {"r": []}
    evidence["expected"][40] = "another"
    assert messages_by_opa(program, {"r": rule}, json.dumps(evidence).encode()) == {"r": [texts[40]]}
