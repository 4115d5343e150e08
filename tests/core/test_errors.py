"""Errors that carry their own reason: a refusal without one cannot be made."""

import pytest

from tests.support.core.reasons import UNDECIDED, WRONG
from verifier.core.errors import ConfigurationError, Refused, VerifierError, refuse
from verifier.core.reasons.table import describe


def test_a_refusal_without_a_reason_cannot_be_made():
    with pytest.raises(ValueError, match="says why"):
        Refused()


def test_a_refusal_says_first_what_stopped_it_and_keeps_the_rest():
    refused = Refused(WRONG, UNDECIDED)
    assert refused.reasons == (WRONG, UNDECIDED)
    assert str(refused) == "archive.truncated: ends after 7 bytes"


def test_a_refusal_by_code_has_the_catalogues_remedy_unless_it_has_its_own():
    (reason,) = refuse("archive.truncated", "s", "m").reasons
    assert (reason.subject, reason.message, reason.hint) == ("s", "m", describe("archive.truncated").remedy)
    assert refuse("archive.truncated", "s", "m", "fetch it again").reasons[0].hint == "fetch it again"


def test_a_refusal_by_a_code_that_does_not_exist_cannot_be_made():
    with pytest.raises(KeyError):
        refuse("archive.unheard-of", "s", "m")


def test_an_error_of_configuration_says_where():
    error = ConfigurationError("unknown key", where="trust.toml:3", hint="see docs/trust-policy.md")
    assert (str(error), error.message, error.where) == ("trust.toml:3: unknown key", "unknown key", "trust.toml:3")
    assert error.hint == "see docs/trust-policy.md"
    assert str(ConfigurationError("unknown key")) == "unknown key"


def test_both_are_this_packages_exceptions_and_neither_is_the_other():
    assert isinstance(refuse("archive.truncated", "s", "m"), VerifierError)
    assert isinstance(ConfigurationError("m"), VerifierError)
    assert not issubclass(Refused, ConfigurationError)
    assert not issubclass(ConfigurationError, Refused)
