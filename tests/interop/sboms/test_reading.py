"""Documents as the tools of others write them, in every format and version that they know: read, and alike."""

import subprocess
from pathlib import Path

import pytest

from tests.support.material import corpus
from tests.support.peers.peers import executable
from verifier.sbom.reading import read_bom

pytestmark = [pytest.mark.interop, pytest.mark.corpus]


def run(*command, **options):
    subprocess.run([str(each) for each in command], check=True, capture_output=True, timeout=300, **options)


def names(path, kind="library"):
    """What a document lists, by name and version."""
    document = read_bom(path.read_bytes(), subject=path.name)
    return sorted((each.name, each.version) for each in document.components if each.type == kind)


@pytest.mark.parametrize("program", ["syft", pytest.param("syft-1.57", marks=pytest.mark.nightly)])
def test_syft_s_formats_list_the_same(program, tmp_path):
    outputs = {
        **{f"cyclonedx-json@1.{minor}": tmp_path / f"{minor}.json" for minor in (4, 5, 6)},
        **{f"cyclonedx-xml@1.{minor}": tmp_path / f"{minor}.xml" for minor in (4, 5, 6)},
        **{f"spdx-json@2.{minor}": tmp_path / f"2.{minor}.spdx.json" for minor in (2, 3)},
    }
    asked = [each for form, path in outputs.items() for each in ("-o", f"{form}={path}")]
    run(
        executable(program, program.upper().replace("-", "_").replace(".", "_")),
        "scan",
        "-q",
        f"dir:{Path(corpus('sbom')) / 'locks/poetry'}",
        *asked,
    )
    listed = {form: names(path) for form, path in outputs.items()}
    assert len(listed["cyclonedx-json@1.6"]) == 78
    assert [form for form, found in listed.items() if found != listed["cyclonedx-json@1.6"]] == []


@pytest.mark.parametrize("version", ["1.4", "1.5", "1.6"])
def test_cyclonedx_py_s_formats_list_the_same(version, tmp_path):
    lock = Path(corpus("sbom")) / "locks/requirements-warehouse/requirements.txt"
    for form in ("JSON", "XML"):
        run(
            executable("cyclonedx-py", "CYCLONEDX_PY"),
            "requirements",
            lock,
            "--sv",
            version,
            "--of",
            form,
            "-o",
            tmp_path / form,
        )
    assert len(names(tmp_path / "JSON")) == 184
    assert names(tmp_path / "JSON") == names(tmp_path / "XML")


def test_uv_s_export_is_read(tmp_path):
    lock = Path(corpus("sbom")) / "locks/uv-benchmark"
    written = tmp_path / "uv.json"
    run(executable("uv-1", "UV_1"), "export", "--frozen", "-q", "--format", "cyclonedx1.5", "-o", written, cwd=lock)
    assert len(names(written)) == 76
