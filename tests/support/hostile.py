"""What strangers write into names, messages and summaries, to do something where it is shown."""

from hypothesis import strategies as st

TEXTS = (
    "\x1b[2J\x1b[31mPASSED\x1b]0;title\x07",
    "\x9b31m\x90q\x9c",
    "\u202egnp.exe\u2066\u200b\ufeff",
    "::error file=x::pwned",
    " ::set-output name=x::y",
    "##[error]pwned",
    "a\n::error::pwned",
    "a\r\nPASSED  bundle:authz 9.9.9",
    "%0A::error::pwned",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "]]></failure><x/>",
    "<!-- --> &lt;&#64;everyone;",
    "a | b\n| --- |\n# heading",
    "`` ` ``",
    "@everyone #1 GH-1 :smile: www.evil.example https://evil.example",
    "[click](javascript:alert(1)) ![x](https://evil.example/x.png)",
    "{0} {{1}} \\ [x](1)",
    '"},{"check_name":"forged"',
    '=HYPERLINK("https://evil.example")',
    "\x00\x0b\ufffe\ud800half",
    "字" * 30,
    "e\u0301" * 30,
    "x" * 3000,
)
ANY = st.one_of(
    st.sampled_from(TEXTS),
    st.text(
        st.one_of(
            st.characters(), st.sampled_from("\x00\x07\x1b\x7f\x85\u202e\u200b\u2028\ud800\ufeff\n\r|`<>&:@[]#%\"'")
        ),
        min_size=1,
        max_size=30,
    ),
)
"""One of them, or anything made of what they are made of."""
