"""`verify completion`: a script that completes commands, options and names in a shell."""

from __future__ import annotations

from functools import partial
from typing import Literal

from verifier.cli import output
from verifier.cli.options.option import argument
from verifier.cli.spread import spread


@partial(spread, ends=False)
def completion(*, shell: Literal["bash", "zsh", "fish"] = argument("SHELL", "bash, zsh or fish.")) -> int:
    """Print a completion script for a shell. It completes commands, options, their values, files, names of the rules
    of --policy (or VERIFY_POLICY) and of the scopes of --ledger (or the ledger that counts without it).

    bash: eval "$(verify completion bash)" in ~/.bashrc, or a file as below.

    zsh: a file called _verify in a folder of $fpath; or eval "$(verify completion zsh)" behind compinit.

    fish: verify completion fish | source, or a file as below.
    """
    from verifier.cli.completion.scripts import script  # noqa: PLC0415 - once it is clear what is asked

    output.document(script(shell))
    return output.EXIT_ACCEPTED
