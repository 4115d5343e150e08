"""What a check can say: a closed union, matched exhaustively.

* only `Passed` and `NotApplicable` leave a verdict standing
* `CouldNotCheck` never allows
* none is taken for a yes by being there: `bool` of an outcome, and of every other `Answer`, raises
* a `Failed` or `CouldNotCheck` without an error among its reasons cannot be made
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, cast

from verifier.core.severity import Severity
from verifier.core.value import Value, replace

if TYPE_CHECKING:
    from typing import ClassVar

    from verifier.core.reasons.code import ReasonCode

_BY_KIND = "which of the outcomes it is, with `match` or `isinstance`"
_FROM_CATALOGUE = cast("Severity", None)
_MAY_HIDE_SECRETS = (
    *(
        "//",
        ":/",
        "=",
        "@",
        "-----BEGIN",
        "earer ",
        "asic ",
        "eyJ",
        "ghp_",
        "gho_",
        "ghs_",
        "ghr_",
        "ghu_",
        "_pat_",
        "glpat-",
    ),
    *("xox", "npm_", "pypi-", "hvs.", "hvb.", "hvr.", "whsec_", "sk-", "AKIA", "ASIA", "AIza", "AGE-SECRET"),
)
MAX_REASON_TEXT = 4_000
"""Characters of a subject or a message: a name in hostile input can be as long as the input."""


def cleared(text: str) -> str:
    """`text` without the secrets that can be told from the rest: those of a URL, of a setting, a key, a token."""
    return _without_secrets(text) if any(each in text for each in _MAY_HIDE_SECRETS) else text


def _without_secrets(text: str) -> str:
    from verifier.core.text.shown import without_secrets  # noqa: PLC0415 - most texts have nothing of the kind

    return without_secrets(text)


class Reason(Value):
    """One finding: what was seen, where, and what to do.

    `code` is a key of the catalogue in `verifier.core.reasons.table`; `subject` names the member, signer, scope
    or file it is about; `message` says what was seen and what was expected. All three may carry hostile
    text: whoever prints them escapes them for the medium, and none is longer than anyone reads. `severity` and `hint`
    default to the catalogue's. `follows` is the code of another reason of the same verdict from which this one
    follows: whoever mends that need not mend this. It denies all the same (`core.reasons.folding`).
    """

    code: str
    subject: str
    message: str
    hint: str = ""
    severity: Severity = _FROM_CATALOGUE
    follows: str = ""

    def __post_init__(self) -> None:
        described = _describe(self.code)
        if self.severity is _FROM_CATALOGUE:
            object.__setattr__(self, "severity", described.severity)
        if not self.hint:
            object.__setattr__(self, "hint", described.remedy)
        if max(len(self.subject), len(self.message)) > MAX_REASON_TEXT:
            object.__setattr__(self, "subject", _bounded(self.subject))
            object.__setattr__(self, "message", _bounded(self.message))
        for name in ("subject", "message", "hint"):
            object.__setattr__(self, name, cleared(getattr(self, name)))

    @property
    def is_error(self) -> bool:
        """Whether this reason denies."""
        return self.severity is Severity.ERROR

    @property
    def is_undecided(self) -> bool:
        """Whether this reason says that nothing could be decided, rather than that something is wrong."""
        return self.is_error and _describe(self.code).undecided

    @property
    def threat(self) -> str:
        """The identifier of the threat that the code answers ("T-204"), or ""."""
        return _describe(self.code).threat

    def as_warning(self) -> Reason:
        """The same finding where the policy has chosen to be told rather than protected."""
        return replace(self, severity=Severity.WARNING)


class Answer(Value):
    """The base of all that says yes or no by one of its fields: whether it is there says nothing, so `if answer:`
    raises.

    `asks` is what is to be asked instead.
    """

    asks: ClassVar[str]

    def __bool__(self) -> NoReturn:
        kind = type(self).__name__
        raise TypeError(f"a {kind} is neither true nor false, whatever it says: ask {self.asks}")


class Passed(Answer):
    """The check ran and found nothing that denies; `reasons` are warnings and notes."""

    asks: ClassVar[str] = _BY_KIND
    reasons: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if any(reason.is_error for reason in self.reasons):
            raise ValueError("a passed check carries no errors")


class Failed(Answer):
    """The check ran and denies."""

    asks: ClassVar[str] = _BY_KIND
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        if not any(reason.is_error for reason in self.reasons):
            raise ValueError("a failed check says why")


class CouldNotCheck(Answer):
    """The check could not run to its end; whoever asks is denied."""

    asks: ClassVar[str] = _BY_KIND
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        if not any(reason.is_error for reason in self.reasons):
            raise ValueError("a check that could not run says why")


class NotApplicable(Answer):
    """The policy or the artifact's kind gives the check nothing to judge; `why` is shown on request."""

    asks: ClassVar[str] = _BY_KIND
    why: str


Outcome = Passed | Failed | CouldNotCheck | NotApplicable


def _describe(code: str) -> ReasonCode:
    from verifier.core.reasons.words import describe  # noqa: PLC0415 - most that is accepted needs no word of the catalogue

    return describe(code)


def _bounded(text: str) -> str:
    return text if len(text) <= MAX_REASON_TEXT else f"{text[: MAX_REASON_TEXT - 1]}…"


def outcome_of(reasons: tuple[Reason, ...] | list[Reason]) -> Outcome:
    """`Failed` where any reason denies for what was seen, `CouldNotCheck` where one could not be decided."""
    found = tuple(reasons)
    errors = [reason for reason in found if reason.is_error]
    if not errors:
        return Passed(reasons=found)
    if all(reason.is_undecided for reason in errors):
        return CouldNotCheck(reasons=found)
    return Failed(reasons=found)


def reasons_of(outcome: Outcome) -> tuple[Reason, ...]:
    """What an outcome says; nothing where there was nothing to judge."""
    return () if isinstance(outcome, NotApplicable) else outcome.reasons
