"""What a hook and an agent say to each other: one message there and one back, each whole or not at all.

    message  = mark field*
    mark     = "policy-verifier-agent/1\n"
    field    = length of the key (1 byte)  key (ASCII)  length of the text (4 bytes, big-endian)  text (UTF-8)

* a message is one record of a SOCK_SEQPACKET socket: the kernel hands over all of it, with the descriptors that belong
  to it, or says that it was cut
* what is not of this form, has another mark, or bytes left over, is not understood; nothing is guessed
* which keys there are is for whoever reads: an unknown one, or one too many, is not understood either

Whoever asks an agent loads this and little else: nothing here imports what Python has not loaded already.
"""

MARK = b"policy-verifier-agent/1\n"
MOST_ASKED = 64 * 1024
"""Bytes of a question: names and words; what is large goes in memory files."""
MOST_ANSWERED = 128 * 1024
"""Bytes of an answer: within what the kernel takes for one record (net.core.wmem_default is 208 KiB and more)."""
ACCEPTED, DENIED, UNDECIDED = 0, 1, 3
"""Exit statuses of the hook, which an answer states."""
DESCRIPTORS = 2
"""What goes with a question: the artifact, then the documents about it, one after the other."""
BY_VERDICT, IN_FULL = "verdict", "evidence"
"""What an artifact is to be judged by: its one document, a verdict; or all the evidence that there is."""
KINDS = ("artifact", "bundle")
"""What is judged in full; a verdict is about a bundle."""
MOST_DOCUMENTS = 32
"""That go with one question."""

MOST_TOLD = 64
"""Sentences beside an answer."""

CODES = (
    "agent.busy",
    "agent.elsewhere",
    "agent.forbidden",
    "agent.protocol",
    "agent.unusable",
)
"""Why an agent does not answer a question; what a hook sees of it by itself are `agent.unreachable` and
`agent.untrusted`."""


class WireError(Exception):
    """A message that is not understood."""


def written(fields: list[tuple[str, str]]) -> bytes:
    """The message that says `fields`, in their order; raises `UnicodeEncodeError` for a text that is none."""
    parts = [MARK]
    for key, text in fields:
        name, content = key.encode("ascii"), text.encode()
        parts += (len(name).to_bytes(1, "big"), name, len(content).to_bytes(4, "big"), content)
    return b"".join(parts)


def read(message: bytes) -> list[tuple[str, str]]:
    """The fields that a message says, in their order; raises `WireError`."""
    if not message.startswith(MARK):
        raise WireError(f"it begins with {message[: len(MARK)]!r}, expected {MARK!r}")
    fields, at, end = [], len(MARK), len(message)
    while at < end:
        key_ends = at + 1 + message[at]
        starts = key_ends + 4
        if starts > end:
            raise WireError("it ends within a field")
        ends = starts + int.from_bytes(message[key_ends:starts], "big")
        if ends > end:
            raise WireError("it ends within a text")
        try:
            fields.append((message[at + 1 : key_ends].decode("ascii"), message[starts:ends].decode()))
        except UnicodeDecodeError:
            raise WireError("a text is not UTF-8, or a key not ASCII") from None
        at = ends
    return fields


def refused(code: str, message: str) -> bytes:
    """The answer of an agent that does not decide."""
    return written([("outcome", "refused"), ("code", code), ("message", message)])


def decided(status: int, report: str, told: tuple[str, ...] = ()) -> bytes:
    """The answer of an agent that has decided: the exit status of the hook, the report that it prints, and what is to
    be said beside it, of the policy and the ledger."""
    return written(
        [("outcome", "decided"), ("status", str(status)), ("report", report), *(("told", each) for each in told)]
    )
