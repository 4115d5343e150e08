"""Errors that carry their own reason: a refusal without one cannot be made."""

import pytest

from tests.support.core.reasons import UNDECIDED, WRONG
from verifier.core.errors import ConfigurationError, Refused, VerifierError, refuse
from verifier.core.reasons.words import describe


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


def test_each_error_has_a_code_of_the_catalogue_a_hint_and_a_path():
    refused = refuse("archive.truncated", "authz.tar.gz", "ends after 7 bytes", "fetch it again")
    assert (refused.code, refused.hint, refused.path) == ("archive.truncated", "fetch it again", "authz.tar.gz")
    error = ConfigurationError("unknown key", where="trust.toml:3", hint="see the reference")
    assert (error.code, error.hint, error.path) == ("configuration.invalid", "see the reference", "trust.toml:3")
    exact = ConfigurationError("is full", where="out.json", code="ledger.unavailable")
    assert (exact.code, str(exact)) == ("ledger.unavailable", "out.json: ledger.unavailable: is full")
    assert describe(error.code)


def test_the_root_of_the_errors_claims_no_more_than_a_defect():
    assert (VerifierError.code, VerifierError.hint, VerifierError.path) == ("internal.error", "", "")


def test_both_are_this_packages_exceptions_and_neither_is_the_other():
    assert isinstance(refuse("archive.truncated", "s", "m"), VerifierError)
    assert isinstance(ConfigurationError("m"), VerifierError)
    assert not issubclass(Refused, ConfigurationError)
    assert not issubclass(ConfigurationError, Refused)
