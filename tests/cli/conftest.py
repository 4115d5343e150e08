"""Every test has a folder to run the command in."""

from tests.support import workplace

place = workplace.place
