"""What need not be looked for is not: the quick look never passes over a name that the slow one would find."""

import re

from hypothesis import given
from hypothesis import strategies as st

from verifier.core.text import shown

NAMES = ("Password", "api_key", "WHSEC", "pin-value", "SIG", "to\u212aen", "\u017fecret", "p\u0131n", "client-secret")
PIECES = st.sampled_from([*NAMES, " = ", "=", "x", "'a b'", " ", "version"])


@given(st.lists(PIECES, max_size=6).map("".join))
def test_a_text_that_names_a_secret_is_never_passed_over(text):
    if re.search(shown._ASSIGNED, text):
        assert shown._may_name_a_secret(text)
