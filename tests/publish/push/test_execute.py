"""Writing a plan: in which order, twice, cut off anywhere, and beside others."""

import threading

import pytest

from tests.support.publishing.plans import BUNDLE, OTHER_BUNDLE, Memory, attestation, plan, publish
from verifier.core.errors import Refused
from verifier.publish.push.attach import Scheme
from verifier.publish.push.layout import LayoutTarget


class CutOff(Exception):
    pass


def cut_at(number):
    """Lets `number` steps happen, and no more."""
    left = [number]

    def before(_):
        left[0] -= 1
        if left[0] < 0:
            raise CutOff

    return before


def test_blobs_go_before_their_manifest_and_the_tag_is_last():
    target = Memory()
    publish(plan(BUNDLE, scheme=Scheme.BOTH), target)
    assert target.steps[-1] == "tag 1"
    assert target.steps.index("manifest") < target.steps.index("referrer")
    tags = [step for step in target.steps if step.startswith("tag ")]
    assert tags[0].endswith(".att")


def test_the_second_time_nothing_is_written():
    target, wanted = Memory(), plan(BUNDLE, scheme=Scheme.BOTH)
    first = publish(wanted, target)
    written = list(target.steps)
    again = publish(wanted, target)
    assert target.steps == written
    assert all(row.written for row in first.rows)
    assert not any(row.written for row in again.rows)
    assert (first.before, again.before) == (None, wanted.subject.digest)


def test_cut_off_anywhere_the_old_tag_stands_and_doing_it_again_completes_it():
    old, new = plan(OTHER_BUNDLE, scheme=Scheme.BOTH), plan(BUNDLE, scheme=Scheme.BOTH)
    whole = Memory()
    publish(old, whole)
    publish(new, whole)
    for number in range(100):
        target = Memory()
        publish(old, target)
        target._before = cut_at(number)
        try:
            publish(new, target)
        except CutOff:
            assert target.tags["1"] == old.subject.digest
        else:
            assert number > 10
            break
        target._before = lambda _: None
        publish(new, target)
        assert target.tags == whole.tags
        assert target.referring == whole.referring
    else:
        pytest.fail("it never ended")


def test_who_moves_the_tag_meanwhile_is_not_overwritten():
    other, target = plan(OTHER_BUNDLE), Memory()

    def meanwhile(step):
        if step == "referrer" and "1" not in target.tags:
            rival = Memory()
            publish(other, rival)
            target.blobs |= rival.blobs
            target.manifests |= rival.manifests
            target.tags["1"] = other.subject.digest

    target._before = meanwhile
    with pytest.raises(Refused) as refused:
        publish(plan(BUNDLE), target)
    assert refused.value.reasons[0].code == "publish.overtaken"
    assert target.tags["1"] == other.subject.digest


def test_what_others_append_stays():
    target = Memory()
    publish(plan(BUNDLE, scheme=Scheme.BOTH), target)
    subject = plan(BUNDLE).subject.digest
    publish(plan(BUNDLE, attestation(subject, key="ed25519"), scheme=Scheme.BOTH), target)
    tag = f"sha256-{subject.value}.att"
    assert target.manifest(target.tags[tag]).content.count(b"vnd.dsse.envelope") == 2


def test_two_publishers_at_once_lose_nothing_in_twenty_rounds(tmp_path):
    subject = plan(BUNDLE).subject.digest
    keys = ("p256", "ed25519")
    plans = [plan(BUNDLE, attestation(subject, key=key), scheme=Scheme.BOTH) for key in keys]
    for number in range(20):
        folder = tmp_path / str(number)
        together = [threading.Thread(target=publish, args=(each, LayoutTarget(folder))) for each in plans]
        for each in together:
            each.start()
        for each in together:
            each.join()
        target = LayoutTarget(folder)
        assert target.tagged(f"sha256-{subject.value}.att").content.count(b"vnd.dsse.envelope") == len(keys)
        assert all(target.refers(each.referrers[0].part.manifest.digest, subject) for each in plans)


@pytest.mark.parametrize("layer", ["application/vnd.oci.image.layer.v1.tar+gzip"])
def test_what_stands_under_the_tag_and_is_no_signature_is_not_replaced(layer):
    wanted, target = plan(BUNDLE, scheme=Scheme.BOTH), Memory()
    publish(plan(OTHER_BUNDLE), target)
    tag = f"sha256-{wanted.subject.digest.value}.att"
    target.tags[tag] = target.tags["1"]
    with pytest.raises(Refused) as refused:
        publish(wanted, target)
    assert refused.value.reasons[0].code == "image.malformed"
    assert layer in str(refused.value)
    assert target.tags[tag] == plan(OTHER_BUNDLE).subject.digest
