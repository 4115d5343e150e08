"""Modules that nobody wrote: pieces of Rego put together by chance, so that a call stands where nobody looks for it."""

import random

CALLS = (
    "http.send({})", "opa.runtime()", 'net.lookup_ip_addr("x")', "time.now_ns()", 'io.jwt.decode("x")', 'trace("x")',
    'http["send"]({})', "http[`send`]({})", 'http["s\\u0065nd"]({})', 'rand.intn("x", 3)', 'uuid.rfc4122("x")',
    'io["jwt"].decode("x")', 'io.jwt["decode"]("x")', "data.lib.f(1)", "f(1)", "g.h(1)", "time.clock(1)",
    'crypto.sha256("x")', "count([1])", 'print("x")', "net.cidr_expand(\"10.0.0.0/30\")", "max([1])", "http.other(1)",
    "nothing(1)", "data.a.http.send({})", 'net.send("x")', "lib.f(1)", 'regex.match("a", "b")',
)  # fmt: skip
PACKAGES = (
    "a", "http", "a.http", "envoy.http.v1", "opa", "opa.runtime", "net.http.io", "time", "a.time.now_ns", "io.jwt",
    'a["http"].b', "a[`net`]", 'a["b.c"]', "http.send", "trace", "lib", "data", "data.http", "input", "a.if",
    "contains",
    "rand.uuid", 'a["x y"]', "A_b.c1",
)  # fmt: skip
IMPORTS = (
    "import data.http", "import data.lib", "import data.lib as http", "import data.http as net", "import input.http",
    "import data.a.time as time", "import rego.v1", "import future.keywords", "import future.keywords.if",
    "import data.http.send", "import data.lib as io", "import future.keywords.in", "import future.keywords.every",
    "import future.keywords.contains", "import input as http", "import data as net", 'import data["lib"].x',
)  # fmt: skip
EXPRESSIONS = (
    "C", "[x | x := C]", "{x | x := C}", "{y: x | x := C; y := 1}", "count([C])", "(C + 1)", "[C][0]", '{"k": C}.k',
    '$"{C}"', '$"a {C} b {C}"', "$`{C}`", "input[C]", "data.b[C]", "not C", "C == C", "C with input as C", "x",
    'upper("a") with upper as http.send', 'f(1) with f as http.send', "C with http.send as C",
    "1 with data.x as http.send",
    'json.marshal({}) with json.marshal as opa.runtime', '"C"', "`C`", "# C\n1", "some x in C", "every x in [1] { C }",
    "every x in C { x }", "some x, y in C", "x := C", "C = x", "f(C)", "http", "http.send", "[http.send][0]", "-1",
    "C in [1]",
    '"\\u0022"', '"\\\\"', "`\\`", "1e3", "{}", "set()", "{1}", 'http := 1', "some http", "C;C", "C\n\tC", "(C)",
    "trace",
    'upper("a") with upper as (trace)',
)  # fmt: skip
RULES = (
    "k := E", "k if { E }", "k if E", "k contains E", "k contains x if { x := E }", "k[E] := 1 if true",
    "default k := E",
    "f(x) := E", "f(x) if { E }", "default f(_) := E", "f(http) := E", "k := 1 if { false } else := E", "k.a.b := E",
    'k["a"].b := E', "k if { true } else := E if { E }", "http.send(x) := E", "send(x) := 1", "http := {\"send\": 1}",
    "k { E }", "k = x { x := E }", "k[x] { x := E }", "k[E]", "f(x) = y { y := E }", "k { E } { E }",
    "k { true } else = E",
    "k := [x | E; x := 1]", "test_k if E", "k = E", "count(x) := 1", "f([x, {\"a\": y}]) := E", "lib.f(x) := E", "E",
    "trace(x) := E", "k if { E } # { E", "k := {\n\t\"a\": E,\n}", "k if {\n\tE\n\tE\n}", "g.h(x) := E", "_k := E",
    "k if not E", "k := E if E else := E", "contains(x, y) := E", "if := E", "k if {E} else {E}",
    "a.b[x].c if { x := E }",
)  # fmt: skip
BREAKAGES = (
    "",
    "",
    "",
    "",
    "",
    "",
    "{",
    "}",
    '"',
    "`",
    "[",
    ".",
    "$",
    "\x00",
    "é",
    "\t#",
    "if",
    " package b",
    "\\",
    "\u00a0",
)
GAPS = ("\n", "\n\n", "\r\n", "\n# http.send({})\n", "\n\t")


def module(seed):
    """One module: its text, and the version of Rego that it is said to be written in."""
    dice = random.Random(seed)  # noqa: S311
    lines = [*dice.choices(("", "# package b", "\ufeff", "\n"), (12, 1, 1, 1)), f"package {dice.choice(PACKAGES)}"]
    lines += dice.sample(IMPORTS, dice.choice((0, 0, 0, 1, 1, 2)))
    lines += [_filled(dice, dice.choice(RULES)) for _ in range(dice.choice((1, 1, 1, 2, 3)))]
    if dice.random() < 0.15:
        place = dice.randrange(len(lines))
        cut = dice.randrange(len(lines[place]) + 1)
        lines[place] = lines[place][:cut] + dice.choice(BREAKAGES) + lines[place][cut:]
    source = lines[0] + lines[1]
    for line in lines[2:]:
        source += dice.choice(GAPS) + line
    return source, dice.choice((1, 1, 0))


def _filled(dice, rule, depth=2):
    while (at := rule.find("E")) >= 0:
        expression = dice.choice(EXPRESSIONS)
        rule = rule[:at] + expression.replace("E", "1") + rule[at + 1 :]
        while (at := rule.find("C", at)) >= 0:
            call = dice.choice(CALLS)
            rule = rule[:at] + call + rule[at + 1 :]
            at += len(call)
    return rule
