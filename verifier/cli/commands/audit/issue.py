"""`verify audit issue`: tell what a scheduled audit came to, in one issue of a repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from verifier.cli.options.option import option
from verifier.cli.running.dry_run import DryRun
from verifier.cli.spread import spread
from verifier.core.errors import ConfigurationError, Refused

if TYPE_CHECKING:
    from verifier.audit.tracking.github import GitHubIssues
    from verifier.audit.tracking.plan import Known, Plan
    from verifier.formats.audit.result import AuditResult

_LONGEST_URL = 500


@spread
def issue(
    *,
    repo: str = option("--repo", "The repository that has the issue.", metavar="OWNER/NAME"),
    report: Path = option("--report", "What `verify audit --output json=FILE` wrote."),
    run_url: str | None = option("--run-url", "Where the run lies that made the report.", default=None, metavar="URL"),
    dry: DryRun,
) -> int:
    """Keep one issue up to date with what a scheduled audit came to: made where something is found or nobody could say,
    changed in place, closed where everything was looked up and nothing is found, opened again where it is found again.

    The API is that of GITHUB_API_URL (https://api.github.com), the token GITHUB_TOKEN's; it has to be allowed to write
    issues. Exit status: 0 where the issue says what the report says, whatever that is; 3 where it could not be written.
    """
    from verifier.audit.tracking.delivery import deliver  # noqa: PLC0415 - once the command line is right
    from verifier.audit.tracking.plan import decide  # noqa: PLC0415 - as above
    from verifier.audit.tracking.text import texts_of  # noqa: PLC0415 - as above
    from verifier.cli import output  # noqa: PLC0415 - as above

    where = _checked_url(run_url)
    tracker = _tracker(repo)
    try:
        result = _read(report)
        found = tracker.find()
        for each in found.warnings:
            output.finding(each)
        plan = decide(result, found.issue)
        if dry.stops(_foreseen(plan, found.issue)):
            return output.EXIT_ACCEPTED
        done = deliver(tracker, plan, texts_of(result, plan, run_url=where), found.issue)
    except Refused as refusal:
        output.refusal(refusal)
        return output.EXIT_UNDECIDED
    finally:
        tracker.close()
    output.line(_told(result, plan, done))
    return output.EXIT_ACCEPTED


def _foreseen(plan: Plan, known: Known | None) -> str:
    words = {"create": "make", "update": "change", "reopen": "open again", "close": "close", "nothing": "leave"}
    if plan.action == "nothing":
        return "change nothing"
    return f"{words[plan.action]} {'an issue' if known is None else f'issue #{known.number}'}"


def _told(result: AuditResult, plan: Plan, known: Known | None) -> str:
    from verifier.reports.escape import printable  # noqa: PLC0415 - only for what was done

    if known is None:
        return "there is no issue, and nothing to tell"
    done = {
        "create": "made",
        "update": "changed",
        "reopen": "opened again",
        "close": "closed",
        "nothing": "left as it is",
    }
    why = (
        ", and left open: the audit could not decide"
        if result.outcome == "undecided" and plan.action == "update"
        else ""
    )
    return f"issue #{known.number} {done[plan.action]}{why}" + (f": {printable(known.url)}" if known.url else "")


def _tracker(repo: str) -> GitHubIssues:
    import os  # noqa: PLC0415 - only the command sees the environment

    from verifier.audit.tracking.github import GitHubIssues  # noqa: PLC0415 - loads the HTTP client
    from verifier.cli.network import network  # noqa: PLC0415 - as above
    from verifier.net.access import Access  # noqa: PLC0415 - as above

    api = os.environ.get("GITHUB_API_URL") or "https://api.github.com"
    token = os.environ.get("GITHUB_TOKEN", "")
    return GitHubIssues(repo, api=api, token=token, access=Access(network=network()))


def _read(path: Path) -> AuditResult:
    from verifier.core.limits import MAX_DOCUMENT_BYTES  # noqa: PLC0415 - as above
    from verifier.files.read import read_regular_file  # noqa: PLC0415 - as above
    from verifier.formats.audit.reading import read  # noqa: PLC0415 - as above
    from verifier.formats.json import strict_json  # noqa: PLC0415 - as above

    content = read_regular_file(path, max_bytes=MAX_DOCUMENT_BYTES)
    return read(strict_json.loads(content, subject=str(path)), subject=str(path))


def _checked_url(url: str | None) -> str:
    """A URL that can stand in Markdown between angle brackets."""
    if url is None:
        return ""
    plain = url.isascii() and url.isprintable() and not set(url) & set(" <>\"'`\\|") and len(url) <= _LONGEST_URL
    if not plain or not url.startswith(("https://", "http://")):
        raise ConfigurationError("is no URL of a run", where="--run-url", hint="In a workflow: see docs/audit.md.")
    return url
