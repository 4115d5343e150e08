"""The steps of `action.yml` that need more than a shell, each by its name: what each is given, does and gives out.

* `check` reads the inputs, `connect` the memory, `verify` decides, `publish` publishes behind the gate, `finish`
  hands out the verdict and says where the memory stands
* the status of a step is that of the command that decided; 2 is what was asked wrongly
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from tools.action import keys
from tools.action.asked import Asked, again, read
from tools.action.commands import options, verify
from tools.action.judging import REPORTS, UNDECIDED, WORDS, Judged, judge, not_compared, outputs
from tools.action.memory import connect, head_of, memory, place
from tools.action.runner import Misasked, Runner
from tools.action.telling import findings, standing
from verifier.core.outcome import cleared

MISASKED = 2
_VERDICT = "verdict.json"


def check(runner: Runner, environment: Mapping[str, str]) -> int:
    """Read the inputs, and write them down for the others."""
    asked = read(environment)
    room = runner.folder().absolute() / f"policy-verifier-{secrets.token_hex(8)}"
    room.mkdir(mode=0o700)
    reports = Path(asked.reports).absolute() if asked.reports else room / "reports"
    reports.mkdir(mode=0o755, parents=True, exist_ok=True)
    left = next((reports / name for name in REPORTS.values() if os.path.lexists(reports / name)), None)
    if left is not None:  # it would be taken for the report of this run, where this run ends without one
        raise Misasked("reports", f"holds {left.name!r} of an earlier run", "Name a folder that is empty.")
    file = room / "asked.json"
    file.write_text(replace(asked, reports=str(reports)).text(), encoding="utf-8")
    run = f"verifier-ledger-{asked.memory_name}-"
    runner.output(
        file=str(file), cache=str(place(asked, runner).parent), key=f"{run}{runner.run()}-{room.name}", keys=run
    )
    return 0


def connected(runner: Runner, environment: Mapping[str, str]) -> int:
    """The memory is there, and is the one that was kept."""
    connect(again(environment.get("ASKED", "")), runner, environment)
    return 0


def verified(runner: Runner, environment: Mapping[str, str]) -> int:
    """Decide; the command's own exit status."""
    asked = again(environment.get("ASKED", ""))
    store, reports = memory(asked, runner, environment), Path(asked.reports)
    judged = judge(asked, store, reports, runner, record=False)
    unannounced = judged.status == 0 and not judged.compared and not asked.first_use
    if judged.status in WORDS and not unannounced and (store is not None or asked.verdict):
        with _signing(asked, environment) as signing:
            judged = judge(asked, store, reports, runner, record=store is not None, more=signing)
        unannounced = judged.status == 0 and not judged.compared and not asked.first_use
    runner.show(judged.said)
    if unannounced:
        judged = replace(judged, status=UNDECIDED)
    runner.output(**outputs(judged, reports))
    findings(runner, judged, reports)
    if unannounced:
        raise not_compared(asked)
    _say_first_use(asked, judged, runner)
    return judged.status


def published(runner: Runner, environment: Mapping[str, str]) -> int:
    """Publish what was verified, behind the gate of the same policy."""
    asked = again(environment.get("ASKED", ""))
    store = memory(asked, runner, environment)
    room = Path(environment["ASKED"]).parent
    with keys.options(room, key=environment.get("PUBLISH_KEY", "")) as given:
        arguments = [
            "publish",
            *options("gate", [asked.policy]),
            *options("kind", [asked.kind]),
            *options("name", [asked.name]),
            *options("attach", asked.attestations),
            *([f"--ledger={store.url}"] if store is not None else []),
            *given,
            *asked.publish_arguments,
            f"--correlation-id={runner.run()}",
            "--",
            *asked.refs,
            asked.publish,
        ]
        ran = verify(arguments, runner.others() if store is None else store.environment)
    runner.show(f"{ran.out}{ran.err}")
    if ran.status:
        runner.annotate("error", "Not published", f"{cleared(asked.publish)}: {ran.err.strip()[:4000]}")
    runner.output(reference=ran.out.strip() if ran.status == 0 else "")
    return ran.status


def finished(runner: Runner, environment: Mapping[str, str]) -> int:
    """Hand out the verdict, and say where the memory stands."""
    asked = again(environment.get("ASKED", ""))
    is_published = environment.get("PUBLISHED") in {"success", "skipped"}
    written = Path(environment["ASKED"]).parent / _VERDICT
    handed_out = ""
    # A verdict that says PASSED of what could not be published would let somebody else publish it.
    if asked.verdict and written.exists() and (environment.get("VERIFIED") != "success" or is_published):
        handed_out = str(_copied(written, Path(asked.verdict)))
    store = memory(asked, runner, environment)
    is_new = asked.first_use and not asked.expect_head and environment.get("VERIFIED") != "success"
    is_file = store is not None and asked.memory != "postgresql"
    head = (
        head_of(store, asked.expect_head) if store is not None and (is_file or asked.expect_head) and not is_new else ""
    )
    # A memory in which nothing was accepted yet is thrown away, so that the first run can be done again.
    runner.output(verdict=handed_out, head=head, keep="false" if is_new else "true")
    if environment.get("SUMMARY") == "true":
        runner.summary(standing(asked, environment, head=head))
    return 0


@contextmanager
def _signing(asked: Asked, environment: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """What `verify` is told of the verdict that it writes."""
    if not asked.verdict:
        if environment.get("SIGNING_KEY"):
            raise Misasked("signing-key", "signs nothing", "Name the file of the signed verdict as `verdict`.")
        yield ()
        return
    room = Path(environment["ASKED"]).parent
    common = (f"--verdict-out={room / _VERDICT}", *options("verifier-id", [asked.verifier_id]))
    if asked.keyless:
        yield (*common, "--keyless")
        return
    key = keys.require("signing-key", environment.get("SIGNING_KEY", ""))
    passphrase = environment.get("SIGNING_PASSPHRASE", "")
    with keys.options(room, signing_key=key, passphrase_file=passphrase) as given:
        yield (*common, *given)


def _say_first_use(asked: Asked, judged: Judged, runner: Runner) -> None:
    if judged.status == 0 and not judged.compared:
        text = "Nothing was known of an earlier release: this one was compared with nothing. Take first-use away now."
        runner.annotate("warning", "First use", text)
    elif judged.status == 0 and asked.first_use:
        runner.annotate("warning", "First use", "It was not the first: take first-use: true away.")


def _copied(written: Path, to: Path) -> Path:
    """The verdict, at the place that was asked for; raises `Misasked` where something is there by now."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644), "wb") as stream:
            stream.write(written.read_bytes())
    except FileExistsError as error:
        raise Misasked(
            "verdict", f"{str(to)!r} is there already", "Nothing is overwritten: name another file."
        ) from error
    return to


STEPS: Mapping[str, Callable[[Runner, Mapping[str, str]], int]] = {
    "check": check,
    "connect": connected,
    "verify": verified,
    "publish": published,
    "finish": finished,
}
