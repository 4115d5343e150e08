"""Reason codes of what is read, before anything is known of it."""

from __future__ import annotations

from verifier.core.reasons.code import ReasonCode, error, undecided

INPUT: tuple[ReasonCode, ...] = (
    undecided(
        "input.unreadable",
        "the input cannot be read",
        cause="The path does not exist, is not a regular file or directory, or may not be read.",
        remedy="Check the path and its permissions.",
    ),
    undecided(
        "input.empty",
        "there is nothing in the input",
        cause="It can be read, and lists nothing that could be judged.",
        remedy="Check that it is the file that is meant: nothing found in nothing is no answer.",
    ),
    undecided(
        "input.unreachable",
        "the input cannot be fetched",
        cause="The server did not answer, answered with an error, or redirected somewhere not allowed.",
        remedy="Check the address, the network and the server; nothing was accepted meanwhile.",
        threat="T-404",
    ),
    undecided(
        "input.token-request-refused",
        "the registry asks for a token in a way that is not followed",
        cause="Its challenge names a scope, an account or a service of its own choosing, can be read in two ways, or "
        "wants the password for another host or port than the one that it is for.",
        remedy="Find out who answers for the registry. Where it is meant, name its token service: `token_host` with "
        "its port, and `token_service`.",
        threat="T-404",
    ),
    undecided(
        "input.credentials-unusable",
        "the credentials that are stored for a registry cannot be had",
        cause="The file that holds them cannot be read in one way, or others may change it; or the program that knows "
        "them is not there, fails, does not end, or answers something else. Nothing was asked without them.",
        remedy="Run the program by hand (`echo HOST | docker-credential-NAME get`), or log in again.",
        threat="T-404",
    ),
    error(
        "input.too-large",
        "the input is larger than allowed",
        cause="The file, answer or document exceeds its limit before it was read.",
        remedy="Raise the limit in the policy's [limits] table if the size is expected.",
        threat="T-213",
    ),
    error(
        "input.too-costly",
        "reading the input would take more memory or work than allowed",
        cause="A small input can make millions of values, names or records; what it would come to is counted "
        "before it is made, all of it together.",
        remedy="Ask who made it; raise `memory-bytes` or `steps` in the policy's [limits] if it may be that large.",
        threat="T-213",
    ),
)
