"""What is asked of dependencies besides having no known vulnerability.

* nothing that is not asked for denies, but what no rule could allow: a weak digest, and what an index itself has
  withdrawn
* a pattern or an index that is none is refused when the rules are made, not when a package comes by
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from verifier.core.errors import ConfigurationError
from verifier.core.value import Value
from verifier.sbom.locks.rows.places import index_of, plain

_PATTERN: Final = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9._/-]*\*?\Z")
_LONGEST_PATTERN: Final = 200
LONGEST_COOL_DOWN: Final = timedelta(days=3650)


class HygieneRules(Value):
    """What is asked.

    `require_hashes`: every package of an index is pinned to one version and to its bytes, by SHA-256 or better.
    `allowed_indexes` are the URLs of the only ones that may answer; () asks nothing. `cool_down` is how long a release
    must have been public; None asks nothing. `private` are patterns of names that must not come from a public index
    ("acme-*"). Raises `ConfigurationError` for what is no pattern, no URL of an index or no time.
    """

    require_hashes: bool = False
    allowed_indexes: tuple[str, ...] = ()
    cool_down: timedelta | None = None
    private: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for each in self.private:
            if len(each) > _LONGEST_PATTERN or not _PATTERN.match(each):
                message = f"{each[:100]!r} is no pattern of names"
                hint = "Write a package's name, or what names begin with and a *: acme-*"
                raise ConfigurationError(message, where="private", hint=hint)
        for url in self.allowed_indexes:
            index = index_of(url)
            if index is None or index.scheme not in {"https", "http"} or plain(url) != url:
                message = f"{plain(url)[:200]!r} is not the URL of an index, or has more to it"
                hint = "Write it as https://HOST/PATH, without what opens it."
                raise ConfigurationError(message, where="allowed_indexes", hint=hint)
        if self.cool_down is not None and not timedelta(0) < self.cool_down <= LONGEST_COOL_DOWN:
            message = f"must be more than nothing, and at most {LONGEST_COOL_DOWN.days} days"
            raise ConfigurationError(message, where="cool_down", hint="Write it as 7d.")
