"""What GitHub makes of Markdown, as far as a report can be attacked: the rows of its tables, cell by cell."""

import re

ENTITY = re.compile(r"&#(\d+);")


def rows(text):
    """The cells of every row of every table, as they stand there; a pipe behind a backslash divides nothing."""
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.splitlines() if line.startswith("|")]


def spans(text):
    """The texts of all code spans, as they are shown."""
    found = re.findall(r"<code>(.*?)</code>", text.replace("</code><code>", ""))
    return [ENTITY.sub(lambda each: chr(int(each[1])), span) for span in found]


def outside(text):
    """What is left without the code spans."""
    return re.sub(r"<code>.*?</code>", "", text)
