"""Findings, made of records as an audit makes them."""

from tests.support.audit.made import package
from verifier.audit.findings.merging import findings_of
from verifier.audit.matching import NotAffected, is_live, judge


def findings(records, about=None, *, refused=()):
    """The findings of a package that `records` are about."""
    about = about or package()
    judged = [(each, judge(each, about)) for each in records if is_live(each)]
    affecting = [pair for pair in judged if not isinstance(pair[1], NotAffected)]
    return findings_of(about, affecting, records, refused)
