"""Expressions of identities beside Go's regexp, by which cosign matches: what we accept matches there, and the
other way round, where the expression is anchored and its dots are escaped.
"""

import json
import random
import subprocess

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.peers.opa_server import ROUNDS
from tests.support.peers.peers import executable
from verifier.core.regexps.automaton import automaton
from verifier.core.regexps.pinned import identity_matches, require_pinned_expression

pytestmark = pytest.mark.interop
COUNT = 4_000 * ROUNDS
PROGRAM = """\
package main

import (
	"encoding/json"
	"os"
	"regexp"
)

func main() {
	var asked []struct{ Expression, Text string }
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	answers := make([]string, len(asked))
	for i, each := range asked {
		compiled, err := regexp.Compile(each.Expression)
		if err != nil {
			answers[i] = "refused"
		} else if compiled.MatchString(each.Text) {
			answers[i] = "matches"
		} else {
			answers[i] = "differs"
		}
	}
	json.NewEncoder(os.Stdout).Encode(answers)
}
"""
PIECES = (
    *(
        "a",
        "b",
        "/",
        "@",
        "-",
        "\\.",
        "\\d",
        "\\w",
        "\\D",
        "\\W",
        ".",
        "[ab]",
        "[^a/]",
        "[a-c]",
        "[\\d-]",
        "[-a]",
        "[^\\]]",
    ),
    *(
        "(",
        ")",
        "(?:",
        "|",
        "*",
        "+",
        "?",
        "{2}",
        "{1,}",
        "{0,2}",
        "*?",
        "^",
        "$",
        "[",
        "]",
        "{",
        "}",
        "\\",
        "\\b",
        "(?i)",
    ),
    *(
        "{,2}",
        "{1",
        "**",
        "[]a]",
        "[[:alpha:]]",
        "\\pL",
        "\\Q",
        "[a",
        "a-",
        "\\/",
        "[+--]",
        "\\x61",
        "[\\w.]",
        "(?P<n>",
    ),
)
TEXTS = (
    "",
    "a",
    "b",
    "ab",
    "a/b",
    "a.b",
    "aab",
    "b@a",
    "1",
    "a1-",
    "_",
    "/",
    "a.1",
    "aaaa",
    "ba/",
    "]",
    "[",
    "-",
    "A",
    "{",
    "a{2}",
)


@pytest.fixture(scope="module")
def go(tmp_path_factory):
    """What Go says of each expression and text."""
    folder = tmp_path_factory.mktemp("go")
    (folder / "main.go").write_text(PROGRAM)
    build = [executable("go", "GO"), "build", "-o", "matches", "main.go"]
    subprocess.run(build, cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S)

    def go(pairs):
        asked = json.dumps([{"Expression": expression, "Text": text} for expression, text in pairs]).encode()
        made = subprocess.run([folder / "matches"], input=asked, capture_output=True, check=True, timeout=PATIENCE_S)
        return json.loads(made.stdout)

    return go


def ours(expression, text):
    try:
        return "matches" if automaton(expression).matches(text) else "differs"
    except ValueError:
        return "refused"


def test_whatever_we_take_means_the_same_to_go(go):
    chance = random.Random(10)  # noqa: S311 - the same tries every time
    inner = ("".join(chance.choices(PIECES, k=chance.randint(1, 7))) for _ in range(COUNT))
    asked = [(f"^({each})$", chance.choice(TEXTS)) for each in inner]
    answers = [(pair, ours(*pair), theirs) for pair, theirs in zip(asked, go(asked), strict=True)]
    taken = [(pair, here, theirs) for pair, here, theirs in answers if here != "refused"]
    assert [each for each in taken if each[1] != each[2]] == []
    assert min(sum(here == word for _, here, _ in taken) for word in ("matches", "differs")) > COUNT // 100


def test_whom_we_believe_cosign_would_too_however_the_expression_is_written(go):
    chance = random.Random(11)  # noqa: S311 - the same tries every time
    pieces = (
        "acme",
        "app",
        "/",
        ".*",
        ".",
        "[^/]+",
        "@",
        "refs",
        "v\\d",
        "(a|b)",
        "\\.",
        "^",
        "$",
        "x?",
        "@acme.example",
        "+",
    )
    starts = ("https://github.com/", "^https://github\\.com/acme/", "https://ci.acme.example/", "^", "[^@]+", "")
    names = (
        "https://github.com/acme/app@refs/v1",
        "https://github.com/acme/",
        "https://githubXcom/acme/app",
        "https://ci.acme.example/app",
        "a@acme.example",
        "a@acmeXexample",
        "app@acme.example",
        "https://github.com/x",
    )
    asked = []
    for _ in range(COUNT):
        expression = chance.choice(starts) + "".join(chance.choices(pieces, k=chance.randint(0, 5)))
        try:
            asked += [
                (require_pinned_expression(expression), name) for name in names if identity_matches(expression, name)
            ]
        except ValueError:
            continue
    assert len(asked) > COUNT // 100
    assert [pair for pair, theirs in zip(asked, go(asked), strict=True) if theirs != "matches"] == []


def test_what_go_has_no_way_to_say_we_do_not_take_either(go):
    expressions = [
        "a**",
        "a{2,1}",
        "(?=a)",
        "(?<!a)",
        "\\1",
        "[b-a]",
        "(a",
        "a)",
        "[a",
        "\\",
        "*a",
        "[[:x:]]",
        "a{1001}",
    ]
    assert {ours(each, "a") for each in expressions} == set(go([(each, "a") for each in expressions])) == {"refused"}
