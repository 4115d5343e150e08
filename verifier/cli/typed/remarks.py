"""What is said of the environment: before a command runs, and where it fails."""

from __future__ import annotations

from typing import Final

from verifier.cli import output
from verifier.cli.typed.environment import Environment
from verifier.core.errors import ConfigurationError

WEAKENING: Final = frozenset(
    {
        *("--trusted-root", "--mode", "--algorithm", "--threshold", "--build-level", "--ignore-parameter", "--now"),
        *("--previous-may-be-absent", "--ledger-init", "--no-record", "--fallback", "--max-age", "--include", "--vex"),
        *("--ignore-missing", "--listed", "--no-scope", "--no-passphrase", "--unvouched", "--exceptions", "--scope"),
        *(
            "--agent-user",
            "--max-exception-days",
            "--fail-on",
            "--without-project",
            "--rego-engine",
            "--attestation-type",
        ),
    }
)
"""Options by which less may be demanded than their commands do by themselves."""
_LOOSE: Final = ("--allow-", "--accept", "--force", "--new-scope", "--no-verify", "--skip-", "--yes")
"""How others of the kind begin."""
OF_ONE_ARTIFACT: Final = frozenset(
    {
        *("--name", "--resource-uri", "--subject", "--subject-digest", "--version", "--digest", "--verdict", "--index"),
        *("--out", "--detached", "--verdict-out", "--attestation", "--sbom", "--predicate", "--artifact"),
    }
)
"""Options that mean nothing for the next artifact."""

DECIDING: Final = frozenset(
    {
        *("--policy", "--gate", "--key", "--cert-identity", "--cert-oidc-issuer", "--owner", "--repo", "--workflow"),
        *("--certificate-identity-regexp", "--certificate-oidc-issuer-regexp", "--gitlab-project", "--gitlab-host"),
        *("--ref", "--ledger"),
    }
)
"""Options that say whom to believe, and what was accepted before: a variable that was left behind decides by itself."""


def remark(environment: Environment) -> None:
    """Say what was taken and is not to be overlooked, since nobody sees it on the line; and what nothing has."""
    given = environment.given()
    deciding = [shown.partition("=")[0] for word, shown in given.items() if word in DECIDING]
    if deciding:  # by name alone: whose key it is may be the key itself
        output.hint(f"verify: from the environment, and it decides: {', '.join(deciding)}")
    weakening = [shown for word, shown in given.items() if word in WEAKENING or word.startswith(_LOOSE)]
    if weakening:
        output.hint(f"verify: from the environment, and it may weaken a check: {', '.join(weakening)}")
    of_one = [shown for word, shown in given.items() if word in OF_ONE_ARTIFACT]
    if of_one:
        output.hint(f"verify: from the environment, and it is about one artifact: {', '.join(of_one)}")
    unknown = environment.unknown()
    if unknown:
        from verifier.cli.mistakes.variables import told  # noqa: PLC0415 - only for a mistake

        for text in told(unknown):
            output.hint(text)


def named_by_variable(error: ConfigurationError, environment: Environment) -> ConfigurationError:
    """The error, naming the variable where an option came from one: nobody finds on the line what is not there."""
    if not environment.taken:
        return error
    by = {flag: name for flag, name in environment.taken.items() if flag in error.where.split(", ")}
    where = ", ".join(f"{by[flag]} ({flag})" if flag in by else flag for flag in error.where.split(", "))
    others = sorted(set(environment.taken.values()) - set(by.values()))
    hint = error.hint
    if others:
        hint = f"{hint} ".lstrip() + f"From the environment: {', '.join(others)}."
    return ConfigurationError(error.message, where=where, hint=hint)
