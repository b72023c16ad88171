# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of results: a header, a line for each, followed while it grows, and taken up again after an interruption."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._errors import TRANSIENT_KINDS, ErrorKind, OptionError
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import (
    DESTINATIONS,
    ReadLine,
    RunIdentity,
    differing_options,
    header_line,
    options_digest,
    result_line,
)
from ansible_collections.mailops.tls.plugins.module_utils._results.json_lines import ResultsFile
from ansible_collections.mailops.tls.plugins.module_utils._results.short_line import shortened
from ansible_collections.mailops.tls.plugins.module_utils._x509.certificate import Certificate
from ansible_collections.mailops.tls.tests.unit.makers.clean_text import is_clean
from hypothesis import given, settings
from hypothesis import strategies as st

OPTIONS = {"security_level": "dane", "ca_file": None, "match": None}
IDENTITY = RunIdentity("run-1", "probe.example.net")
NOON = datetime(2026, 5, 4, 12, 0, 0, tzinfo=timezone.utc)
HEADER = header_line(IDENTITY, NOON, OPTIONS)


def result(name: str, **more: Any) -> dict[str, Any]:
    facts = {"destination": name, "status": "failed", "satisfied": False, "error": None, "endpoints": [], "lint": []}
    return {**facts, "route": {"warnings": [], "exchanges": [], "canonical_name": "", "ad_untrusted": False}, **more}


def line(name: str, **more: Any) -> bytes:
    return result_line(IDENTITY, NOON, result(name, **more))


def opened(path: Path, *, resume: bool, options: dict[str, Any] | None = None, **more: Any) -> ResultsFile:
    return ResultsFile(
        str(path), resume=resume, options=OPTIONS if options is None else options, identity=IDENTITY, clock=lambda: NOON, **more
    )


class Done(dict[str, dict[str, Any]]):
    """What a file says is done: of a destination the last result, unless it failed for now."""

    def take(self, line: ReadLine, begin: int) -> None:
        result = line.line().result
        self.pop(result["destination"], None)
        if not DESTINATIONS.failed_for_now(result):
            self[result["destination"]] = result


def resumed(path: Path, **more: Any) -> dict[str, dict[str, Any]]:
    """Open the file to go on with it, and return what it says is done."""
    done = Done()
    opened(path, resume=True, on_result=done.take, **more).close()
    return done


def refused(path: Path, *, resume: bool = True, **more: Any) -> str:
    """Return why a file is refused, which leaves it as it was."""
    before = path.read_bytes()
    with pytest.raises(OptionError) as caught:
        opened(path, resume=resume, **more)
    assert (caught.value.option, caught.value.value) == ("results_file", str(path))
    assert path.read_bytes() == before
    return caught.value.reason


def results_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(one) for one in path.read_bytes().splitlines()[1:]]


@pytest.fixture(name="path")
def fixture_path(tmp_path: Path) -> Path:
    return tmp_path / "results.jsonl"


def test_the_file_begins_with_its_options_and_each_line_says_when_where_and_in_which_run(path: Path) -> None:
    results = opened(path, resume=False)
    assert json.loads(path.read_bytes()) == {
        "kind": "header", "schema": 1, "run": "run-1", "vantage": "probe.example.net", "started": "2026-05-04T12:00:00Z",
        "digest": options_digest(OPTIONS), "options": OPTIONS,
    }  # fmt: skip
    results.write(result("a.example", status="verified"))
    identity = {"schema": 1, "run": "run-1", "vantage": "probe.example.net", "probed_at": "2026-05-04T12:00:00Z"}
    assert results_in(path) == [{**identity, **shortened(result("a.example", status="verified"))}]  # at once
    results.write(result("b.example"))
    assert path.read_bytes().count(b"\n") == 3
    results.close()


def test_text_of_a_server_cannot_make_a_line(path: Path) -> None:
    greeting = '220 x\n{"destination": "evil.example"}\r\u2028\u00e4\ud800'
    results = opened(path, resume=False)
    results.write(result("a.example", greeting=greeting))
    results.close()
    assert path.read_bytes().count(b"\n") == 2 and path.read_bytes().isascii()
    assert resumed(path) == {"a.example": result("a.example", greeting=greeting)}


def test_without_resume_the_file_is_begun_anew_whatever_was_in_it(path: Path) -> None:
    for content in (HEADER + line("old.example"), b"Dear diary\n"):
        path.write_bytes(content)
        path.chmod(0o644)
        results = opened(path, resume=False)
        assert path.read_bytes() == HEADER
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        results.close()


@pytest.mark.parametrize("content", [None, b"", HEADER[:1], HEADER[:40], HEADER[:-1]])
def test_resume_begins_a_file_that_is_not_there_or_whose_header_is_cut_off(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)
    assert resumed(path) == {} and path.read_bytes() == HEADER


def test_resume_takes_over_whole_lines_and_writes_behind_them(path: Path) -> None:
    path.write_bytes(HEADER + line("a.example") + line("b.example"))
    done = Done()
    results = opened(path, resume=True, on_result=done.take)
    assert list(done) == ["a.example", "b.example"]
    results.write(result("c.example"))
    results.close()
    assert list(resumed(path)) == ["a.example", "b.example", "c.example"]
    assert path.read_bytes().startswith(HEADER + line("a.example"))


@pytest.mark.parametrize("torn", [b'{"destination": "b.ex', b'{"destination": "b.example"}', b"{", b"\0\0\0\0"])
def test_a_torn_last_line_is_dropped_and_written_over(path: Path, torn: bytes) -> None:
    path.write_bytes(HEADER + line("a.example") + torn)
    done = Done()
    results = opened(path, resume=True, on_result=done.take)
    assert list(done) == ["a.example"]
    results.write(result("b.example"))
    results.close()
    assert [one["destination"] for one in results_in(path)] == ["a.example", "b.example"]


def failure(kind: str) -> dict[str, str]:
    return {"kind": kind, "phase": "connect", "text": "text"}


ENDPOINT: dict[str, Any] = {
    "host": "mx.example", "address": None, "port": 25, "status": "failed", "satisfied": False, "error": None, "tls": None, "chain": [],
    "verification": None, "injected_plaintext": 0, "tlsa": {"owner": None, "records": []},
}  # fmt: skip
SESSION: dict[str, Any] = {
    "algorithm": "rsa", "offered": True, "status": "failed", "satisfied": False, "error": None, "tls": None, "chain": [],
    "verification": None, "tlsa": {"records": []},
}  # fmt: skip


@pytest.mark.parametrize("kind", [one.value for one in ErrorKind])
def test_failed_lookups_and_connections_are_tried_again_wherever_they_are(path: Path, kind: str) -> None:
    attempt = {"server_name": None, "session_offered": False, "session_reused": None, "error": failure(kind)}
    wheres: Sequence[dict[str, Any]] = [
        {"error": failure(kind)},
        {"route": {"warnings": [], "exchanges": [{"error": failure(kind)}]}},
        {"endpoints": [{**ENDPOINT, "error": failure(kind)}]},
        {"endpoints": [{**ENDPOINT, "key_algorithms": [{**SESSION, "error": failure(kind)}]}]},
        {"endpoints": [{**ENDPOINT, "reconnects": {"ended": "failed", "attempts": [attempt]}}]},
    ]
    for where in wheres:
        path.write_bytes(HEADER + line("a.example", **where) + line("b.example"))
        assert list(resumed(path)) == (["b.example"] if kind in TRANSIENT_KINDS else ["a.example", "b.example"])


def test_the_last_line_of_a_destination_counts(path: Path) -> None:
    failed = line("a.example", error=failure("connect_timeout"))
    path.write_bytes(HEADER + failed + line("a.example", status="plaintext"))
    assert resumed(path) == {"a.example": result("a.example", status="plaintext")}
    path.write_bytes(HEADER + line("a.example", status="plaintext") + failed)
    assert resumed(path) == {}


def test_other_options_are_named_with_what_they_were_and_are(path: Path) -> None:
    path.write_bytes(HEADER + line("a.example", status="verified"))
    now = {"security_level": "dane-only", "ca_file": "sha256:" + "ab" * 32, "match": None, "new": ["x" * 100]}
    reason = refused(path, options=now)
    assert reason == (
        "cannot be resumed: it was written with other options: ca_file (not given, now sha256:abababab), "
        f'new (not given, now ["{"x" * 55}...), security_level (dane, now dane-only); '
        "give another file, or leave resume out to begin this one anew"
    )


def test_options_out_of_a_file_are_bounded_and_clean_where_they_are_told() -> None:
    hostile = {f"{number:02}\x1b[2J" + "n" * 1000: "\u202e" + "v" * 1000 for number in range(50)}
    told = differing_options(hostile, {"security_level": "dane"})
    assert len(told) == 21 and told[-1] == "and 31 more"
    assert all(len(one) < 200 and is_clean(one) for one in told)


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(result("a.example")).encode() + b"\n",  # as before there were headers
        b"Dear diary\n",
        b"Dear diary",
        b"[]\n",
        b"\xff\xfe\n",
        b"[" * 100_000 + b"\n",
        HEADER.replace(b'"dane"', b'"may"'),
        HEADER.replace(b'"schema":1', b'"schema":true'),
        HEADER.replace(b'"kind":"header"', b'"kind":"footer"'),
    ],
)
def test_a_file_without_a_good_header_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content + line("b.example"))
    assert refused(path).startswith("cannot be resumed: it has ")
    path.write_bytes(content)
    assert refused(path).startswith("cannot be resumed: it has ")


def test_a_file_of_a_later_version_is_refused(path: Path) -> None:
    later = b'"schema":2'
    for content in (HEADER.replace(b'"schema":1', later), HEADER + line("a.example").replace(b'"schema":1', later)):
        path.write_bytes(content)
        assert "later version of this collection: its schema is 2, this one knows 1" in refused(path)


@pytest.mark.parametrize(
    "other",
    [
        b"Dear diary\n",
        b"[]\n",
        b"[" * 100_000 + b"\n",
        b"\xff\xfe\n",
        json.dumps(result("b.example")).encode() + b"\n",
        HEADER,
        line("b.example", destination=5),
        line("b.example", status="splendid"),
        line("b.example", status=[]),
        line("b.example", satisfied="yes"),
        line("b.example", endpoints=[{}]),
        line("b.example", endpoints=[{**ENDPOINT, "chain": [{"subject": "CN=x"}]}]),
        line("b.example", route=None),
        line("b.example").replace(b'"probed_at"', b'"when"'),
    ],
)
def test_a_line_of_something_else_is_refused_and_the_file_left_alone(path: Path, other: bytes) -> None:
    for content in (HEADER + other, HEADER + line("a.example") + other + line("b.example")):
        path.write_bytes(content)
        assert refused(path).startswith("cannot be resumed: it has a line ")


def test_two_runs_do_not_write_the_same_file(path: Path) -> None:
    results = opened(path, resume=False)
    results.write(result("a.example"))
    assert refused(path, resume=False) == refused(path) == "is being written by another run at this moment"
    results.write(result("b.example"))
    results.close()
    assert list(resumed(path)) == ["a.example", "b.example"]


def test_what_others_could_have_written_is_not_believed(path: Path) -> None:
    for mode in (0o602, 0o620, 0o666):
        path.write_bytes(HEADER + line("a.example", status="verified"))
        path.chmod(mode)
        assert refused(path).startswith("cannot be believed: it can be written by others, with its mode 0")
        assert refused(path, resume=False).endswith("; remove it")


@pytest.mark.parametrize("resume", [False, True])
def test_a_file_that_cannot_be_written_is_an_option_error(tmp_path: Path, resume: bool) -> None:
    missing = tmp_path / "none" / "results.jsonl"
    with pytest.raises(OptionError) as caught:
        opened(missing, resume=resume)
    assert (caught.value.option, caught.value.value) == ("results_file", str(missing))
    assert caught.value.reason == "cannot be written: No such file or directory"


def test_a_full_disk_leaves_whole_lines(path: Path) -> None:
    """In a process of its own, since a limit of the size of files cannot be raised again by everybody."""
    script = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        f"from {__name__} import opened, result\n"
        "from ansible_collections.mailops.tls.plugins.module_utils._errors import OptionError\n"
        "results = opened(Path(sys.argv[1]), resume=False)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1500, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    for number in range(100):\n"
        "        results.write(result('%d.example' % number))\n"
        "except OptionError as error:\n"
        "    print(error.option, error.reason)\n"
    )
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 1500
    path_of_modules = {**os.environ, "PYTHONPATH": os.pathsep.join(one for one in sys.path if one)}
    ran = subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True, env=path_of_modules)
    assert ran.stdout.startswith("results_file cannot be written any more: File too large. What is in it is whole")
    names = list(resumed(path))
    assert names == [f"{number}.example" for number in range(len(names))] and len(names) > 1
    assert path.read_bytes().endswith(b"\n")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_a_file_cut_anywhere_goes_on(tmp_path_factory: pytest.TempPathFactory, at: int) -> None:
    whole = HEADER + b"".join(line(f"{number}.example") for number in range(5))
    path = tmp_path_factory.mktemp("cut") / "results.jsonl"
    kept = whole[: at % (len(whole) + 1)]
    path.write_bytes(kept)
    assert len(resumed(path)) == max(0, kept.count(b"\n") - 1)
    assert path.read_bytes() == (kept[: kept.rfind(b"\n") + 1] or HEADER)


@pytest.mark.parametrize("der", [b"", b"nonsense", b"\x30\x03\x02\x01\x01"])
def test_a_certificate_that_cannot_be_read_is_a_result_too(path: Path, der: bytes) -> None:
    chain = [Certificate(der).as_facts(include_pem=True)]
    path.write_bytes(HEADER + line("a.example", endpoints=[{**ENDPOINT, "chain": chain}]))
    assert list(resumed(path)) == ["a.example"]


def test_a_file_that_is_closed_is_as_the_disk_will_have_it(tmp_path: Path) -> None:
    results = opened(tmp_path / "results.jsonl", resume=False)
    results.close()
    results.sync()
    results.close()
