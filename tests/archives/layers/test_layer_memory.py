"""What reading a layer costs in memory: the same whatever its size, measured in a process of its own.

By default half a gibibyte is read, in about two seconds of processor time; four of them are read by `make nightly`.
"""

import subprocess
import sys

import pytest

from tests.support.places import ROOT

MIB = 1 << 20
READ = """
import gzip, resource, sys, tarfile
from backports import zstd
from verifier.archives.layers.packing import PackedLayer
from verifier.archives.layers.read import read_layer

kind, mebibytes = sys.argv[1], int(sys.argv[2])
text = b" ".join(b"word%d" % (each * each % 5003) for each in range(130_000))[: 1 << 20]
assert len(text) == 1 << 20
pack = {"gzip": lambda part: gzip.compress(part, 1), "zstd": zstd.compress, "": bytes}[kind]
data = tarfile.TarInfo("data")
data.size = mebibytes << 20
first, again, last = pack(data.tobuf()), pack(text), pack(bytes(1024))
size = len(first) + len(again) * mebibytes + len(last)

def pieces():
    yield first
    for _ in range(mebibytes):
        yield again
    yield last

layer = PackedLayer(open=pieces, media_type="application/vnd.oci.image.layer.v1.tar" + (f"+{kind}" if kind else ""),
                    subject="layer", size=size)
table = read_layer(layer)
assert [each[:2] for each in table.entries] == [("data", "file")]
print(table.unpacked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
ENTRIES = """
import resource, sys
from tests.support.archives.tars import END, member
from verifier.archives.layers.packing import PackedLayer
from verifier.archives.layers.read import read_layer
from verifier.archives.layers.tree import merge

def pieces():
    for folder in range(int(sys.argv[1]) // 100):
        yield b"".join(member(b"usr/share/package-%d/file-number-%d.txt" % (folder, each)) for each in range(100))
    yield END

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
table = read_layer(PackedLayer(open=pieces, media_type="application/vnd.oci.image.layer.v1.tar", subject="layer"))
tree = merge([table], subject="image")
assert sum(1 for _ in tree) == int(sys.argv[1]) * 101 // 100 + 2
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def printed(program, *arguments):
    """What a program prints, in a child of a child: a process has the peak of the one that it was started by."""
    command = ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", program, *map(str, arguments)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [int(number) for number in run.stdout.split()]


@pytest.mark.parametrize(
    ("kind", "mebibytes"),
    [
        ("gzip", 512),
        ("zstd", 512),
        pytest.param("gzip", 4092, marks=pytest.mark.nightly),
        pytest.param("zstd", 4092, marks=pytest.mark.nightly),
        pytest.param("", 4092, marks=pytest.mark.nightly),
    ],
)
def test_a_large_layer_is_read_in_little_memory(kind, mebibytes):
    unpacked, resident_kib = printed(READ, kind, mebibytes)
    assert unpacked > mebibytes * MIB
    assert resident_kib < 120 * 1024


def test_an_entry_costs_some_hundred_bytes_in_table_and_tree():
    (grown_kib,) = printed(ENTRIES, 100_000)
    assert grown_kib * 1024 / 100_000 < 1_000
