"""Options by environment: `VERIFY_` and the option's long name in capitals, as in VERIFY_POLICY for --policy.

* it is the same for every option of every command; what is typed without a flag has no variable
* what is typed counts, whatever a variable says; an empty variable is none
* of an option that may be given several times, each line of the variable is one value
* a switch is 1, true or yes, or 0, false or no; anything else is refused
* a variable that says whom to believe or where the ledger is, makes a check weaker, or is about one artifact alone, is
  said each time; so is one that no option has
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from verifier.cli.options.parameter import Parameter
from verifier.core.errors import ConfigurationError

PREFIX: Final = "VERIFY_"
SIGSTORE: Final = "VERIFY_SIGSTORE"
"""Who verifies what Sigstore bundles prove: `library` has the `sigstore` library do it."""
_LIBRARY: Final = "library"
OWN: Final = frozenset({"VERIFY_DEBUG", "VERIFY_REGISTRIES", SIGSTORE})
"""Variables that are no options."""
_REPLACED: Final = {"VERIFY_LEDGER_FILE": ("--ledger", "Set VERIFY_LEDGER, to what --ledger takes: sqlite:PATH.")}
"""Variables of old, the option that stands in their place, and what to do."""
_SHOWN: Final = 60
_WORDS: Final = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


class Environment:
    """The variables of one run, and which of them were taken in the place of an option."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._texts = {name: text for name, text in variables.items() if name.startswith(PREFIX) and text}
        self._known: set[str] = set()
        self._words: dict[str, str] = {}
        self.taken: dict[str, str] = {}

    def words(self, parameters: Iterable[Parameter], typed: Collection[str]) -> list[str]:
        """What the variables come to, as it would be typed; `typed` are the names of options that the line has.

        Raises `ConfigurationError` for what cannot be typed.
        """
        self._refuse_replaced(parameters := tuple(parameters))
        has_library_verify(self._texts)
        if not self._texts:
            return []
        return [word for each in parameters if each.name not in typed for word in self._typed(each)]

    def given(self) -> dict[str, str]:
        """The words that variables came to, without their values, and each variable as it was set."""
        return {word: f"{name}={_short(self._texts[name])}" for word, name in self._words.items()}

    def unknown(self) -> tuple[str, ...]:
        """Variables of this prefix that were not taken and are none of our own; options of other commands too."""
        return tuple(sorted(self._texts.keys() - self._known - OWN - _REPLACED.keys()))

    def named(self, flag: str) -> str:
        """The variable that gave an option, "" where it was typed or not given."""
        return self.taken.get(flag, "")

    def _refuse_replaced(self, parameters: tuple[Parameter, ...]) -> None:
        for name, (flag, hint) in _REPLACED.items():
            if name in self._texts and any(flag in each.said.flags for each in parameters):
                raise ConfigurationError("is no variable any more", where=name, hint=hint)

    def _typed(self, parameter: Parameter) -> Iterator[str]:
        found = [name for name in parameter.said.variables if name in self._texts]
        if not found:
            return
        name, text, flag = found[0], self._texts[found[0]], parameter.said.flags[0]
        if any(self._texts[each] != text for each in found):
            raise ConfigurationError("say one thing, and differ: set one of them", where=", ".join(found))
        self._known.update(found)
        if parameter.said.switch:
            words = self._switch(parameter, name)
        elif parameter.said.repeated:
            words = [f"{flag}={line.strip()}" for line in text.splitlines() if line.strip()]
        else:
            words = [f"{flag}={text}"]
        for word in words:
            self._words[word.partition("=")[0]] = name
            self.taken.update(dict.fromkeys(parameter.said.flags, name))
            yield word

    def _switch(self, parameter: Parameter, name: str) -> list[str]:
        """The end of the switch that a variable turns it to; nothing where it is there already."""
        wanted = _WORDS.get(self._texts[name].strip().lower())
        if wanted is None:
            message = f"must be 1, true or yes, or 0, false or no, not {_short(self._texts[name])!r}"
            raise ConfigurationError(message, where=name)
        if wanted == parameter.said.default:
            return []
        return [parameter.said.flags[0] if wanted else parameter.said.off[0]]


def has_library_verify(variables: Mapping[str, str]) -> bool:
    """Whether `VERIFY_SIGSTORE` is `library`; raises `ConfigurationError` for any other word."""
    word = variables.get(SIGSTORE, "")
    if word not in {"", _LIBRARY}:
        message = f"must be {_LIBRARY}, or not set, not {_short(word)!r}"
        raise ConfigurationError(message, where=SIGSTORE, hint=f"Set it to {_LIBRARY}, or unset it.")
    return word == _LIBRARY


def _short(text: str) -> str:
    from verifier.core.text.shown import shown  # noqa: PLC0415 - only where something is said

    return shown(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
