"""What a runner of GitHub's workflows takes from a step: the commands in its log, and the files behind variables.

* `::name properties::text` at the beginning of a line is a command, `##[name]text` anywhere, until
  `::stop-commands::TOKEN`; `set-output` and `save-state` still work, `set-env` and `add-path` are refused,
  as the real runner has it
* a file holds `name=value` or `name<<END`, text and `END`; anything else fails the step

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands and the runner's
`ActionCommandManager.cs` and `FileCommandManager.cs`.
"""

import re
from dataclasses import dataclass, field

_COMMAND = re.compile(r"\s*::(?P<name>[\w-]+)(?: (?P<properties>.*?))?::(?P<text>.*)")
_OLDER = re.compile(r".*?##\[(?P<name>[\w-]+)(?: (?P<properties>[^\]]*))?\](?P<text>.*)")


class Broken(Exception):
    """A file that the runner does not understand: it fails the step."""


@dataclass
class Log:
    """What was said in a log."""

    annotations: list[tuple[str, str, str]] = field(default_factory=list)
    """Level, title, text."""
    masks: list[str] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    """The lines that were no commands."""


def read_log(text):
    """What the runner makes of what a step wrote to its standard streams."""
    log, stopped = Log(), None
    for line in text.splitlines():
        found = _COMMAND.fullmatch(line) or _OLDER.fullmatch(line)
        if stopped is not None:
            if found and found["name"] == stopped:
                stopped = None
            else:
                log.shown.append(line)
        elif found is None:
            log.shown.append(line)
        elif found["name"] == "stop-commands":
            stopped = found["text"]
        else:
            _obey(log, found)
    return log


def _obey(log, found):
    properties = dict(each.partition("=")[::2] for each in (found["properties"] or "").split(",") if each)
    name, text = found["name"], _plain(found["text"])
    if name in {"error", "warning", "notice"}:
        log.annotations.append((name, _plain(properties.get("title", "")), text))
    elif name == "add-mask":
        log.masks.append(text)
    elif name == "set-output":
        log.outputs[properties["name"]] = text
    else:
        log.refused.append(name)


def _plain(text):
    for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def read_values(text):
    """The values of GITHUB_OUTPUT or GITHUB_ENV; raises `Broken`."""
    values, lines = {}, iter(text.splitlines())
    for line in lines:
        if not line:
            continue
        name, mark, value = (
            re.fullmatch(r"(.+?)(<<|=)(.*)", line, re.DOTALL).groups() if re.search("<<|=", line) else (line, "", "")
        )
        if not mark:
            raise Broken(line)
        values[name] = value if mark == "=" else "\n".join(_until(value, lines))
    return values


def _until(end, lines):
    for line in lines:
        if line == end:
            return
        yield line
    raise Broken(f"{end} is missing")
