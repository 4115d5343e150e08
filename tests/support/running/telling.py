"""A process that tells of itself in JSON, a line for each event, on standard error."""

from __future__ import annotations

import json


class Telling:
    """The base of what starts one: `process` is the process, `log` what it has told."""

    def saw(self, name):
        """The next event of this name."""
        for line in self.process.stderr:
            self.log.append(json.loads(line))
            if self.log[-1]["event"] == name:
                return self.log[-1]
        raise AssertionError(f"no {name}: {self.log}")
