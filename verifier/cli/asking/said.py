"""What a plain line says, and what variables add to it.

Nothing here imports what Python has not loaded already.
"""

_VARIABLES = {"VERIFY_AGENT": "agent", "VERIFY_AGENT_REQUIRED": "required"}
"""Those that are read here; any other that is set is for `cli.typed.environment` to read, and to speak of."""
_YES, _NO = ("1", "true", "yes"), ("0", "false", "no")


class Words(dict[str, object]):
    """What a plain line says, by name; what is not there was not said."""

    def text(self, name: str) -> str:
        """One value, "" where there is none."""
        said = self.get(name, "")
        return said if isinstance(said, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """The values of what may be given several times, or behind `--`."""
        said = self.get(name, ())
        return said if isinstance(said, tuple) else ()


_IN_PATHS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+~")
TOKENS_BEGIN = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "npm_", "pypi-", "hvs.", "hvb.", "hvr."),
    *("whsec_", "dckr_", "sk-", "AKIA", "ASIA", "AIza", "AGE-", "eyJ", "-----"),
)
"""With which begins, or may begin, what `core.text.shown` takes for a secret: a test holds them together."""


_INTEGRITIES_BEGIN = ("sha1-", "sha256-", "sha384-", "sha512-")
"""What `core.digest` may take for a digest in npm's form; every other form has a sign that is none of `_IN_PATHS`."""


def is_shown_whole(path: str) -> bool:
    """Whether a path is one to everybody, and a report repeats it, and the name of its file, as they are: nothing in it
    may be a digest, or a secret."""
    if not _IN_PATHS.issuperset(path) or path.startswith(_INTEGRITIES_BEGIN):
        return False
    return not any(beginning in path for beginning in TOKENS_BEGIN)


def is_plain(value: str) -> bool:
    """Whether a value is one that needs no second look: no stream, no option, no letter that may be a slip."""
    shown = value.isascii() and value.isprintable() and bool(value)
    return shown and not value.startswith(("-", "/dev/", "/proc/", "//"))


def add_variables(variables: dict[str, str], said: Words) -> bool:
    """Add what variables say and the line does not; whether there is none that somebody else has to look at."""
    for variable, value in variables.items():
        if not variable.startswith("VERIFY_") or not value or variable == "VERIFY_DEBUG":
            continue
        name = _VARIABLES.get(variable)
        if name is None or not is_plain(value):
            return False
        if name in said:
            continue
        if name == "required" and value.strip().lower() not in (*_YES, *_NO):
            return False
        said[name] = value.strip().lower() in _YES if name == "required" else value
    return True
