# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of an earlier run, looked up one by one in a file, compressed or not."""

from __future__ import annotations

import gzip
import os
import tracemalloc
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._audit.facts import facts_of, merged_facts
from ansible_collections.mailops.tls.plugins.module_utils._audit.line_file import LONGEST_LINE
from ansible_collections.mailops.tls.plugins.module_utils._audit.previous import PreviousResults
from ansible_collections.mailops.tls.plugins.module_utils._files.access import UnsafeFile
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import NotResults, RunIdentity, header_line, result_line
from ansible_collections.mailops.tls.tests.unit.makers.audits import PROBED_AT, audited, endpoint, lost

NOON = datetime(2026, 5, 4, 12, 0, 0, tzinfo=timezone.utc)
IDENTITY = RunIdentity("run-1", "probe")
OPTIONS = {"security_level": "dane"}
GOOD, BAD = audited("Example.org", endpoint("mx.example.org")), audited("example.org", lost("mx.example.org"))
NAMED = audited("bücher.example", endpoint("mx.example.org"))


def written(*results: dict[str, Any]) -> bytes:
    return b"".join([header_line(IDENTITY, NOON, OPTIONS), *(result_line(IDENTITY, NOON, one) for one in results)])


@pytest.fixture(name="path", params=["plain", "gzip"])
def fixture_path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "results.jsonl"
    data = written(BAD, NAMED, GOOD) + b'{"torn'
    path.write_bytes(gzip.compress(data) if request.param == "gzip" else data)
    return path


def test_destinations_are_found_however_they_are_written(path: Path) -> None:
    with PreviousResults(str(path), "here") as previous:
        assert (len(previous), dict(previous.options)) == (3, OPTIONS)
        looks = [facts_of(one, PROBED_AT, "here") for one in (BAD, GOOD)]
        assert previous.facts("EXAMPLE.org.") == previous.facts("example.org") == merged_facts(looks)
        assert previous.facts("xn--bcher-kva.example") == facts_of(NAMED, PROBED_AT, "here")
        assert previous.facts("example.net") == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has no header"),
        (b"torn", "has no header"),
        (b"no json\n", "has no header"),
        (written() + b"no json\n", "has a line 2 that is not"),
        (written() + b"x" * (LONGEST_LINE + 5), "has a line of more than"),
        (gzip.compress(written(GOOD))[:-12], "is damaged"),
        (gzip.compress(written(GOOD))[:60] + b"x" * 60, "is damaged"),
    ],
)
def test_what_is_no_file_of_results_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(content)
    with pytest.raises(NotResults, match=reason):
        PreviousResults(str(path))


def test_a_folder_is_no_file_of_results(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory|regular"):
        PreviousResults(str(tmp_path))


def test_what_others_can_have_planted_is_not_compared_with(path: Path) -> None:
    path.parent.chmod(0o1777)
    with PreviousResults(str(path)):
        pass
    os.link(path, path.parent / "second")
    with pytest.raises(UnsafeFile, match="has a second name"):
        PreviousResults(str(path))
    (path.parent / "second").unlink()
    if os.geteuid() == 0:
        os.chown(path, 12345, 12345)
        with pytest.raises(UnsafeFile, match="belongs to the user 12345, in a directory that everybody may write"):
            PreviousResults(str(path))
        path.parent.chmod(0o755)
        PreviousResults(str(path)).close()


def test_nothing_is_kept_but_where_results_are(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(written(*(audited(f"d{number}.example", endpoint(f"mx{number}.example")) for number in range(3000))))
    tracemalloc.start()
    try:
        with PreviousResults(str(path)) as previous:
            kept, unused = tracemalloc.get_traced_memory()
            assert previous.facts("d2999.example")[0].destination == "d2999.example"
    finally:
        tracemalloc.stop()
    assert kept < 400_000
