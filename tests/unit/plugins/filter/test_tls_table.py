# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter `tls_table` as Ansible sees it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

pytest.importorskip("ansible")

from ansible.errors import AnsibleFilterError  # noqa: E402
from ansible_collections.mailops.tls.plugins.filter.tls_table import FilterModule  # noqa: E402


def test_filter_takes_width_and_notes_by_name() -> None:
    result = {"destination": "example.org", "status": "failed", "satisfied": False}
    lines = FilterModule().filters()["tls_table"]([result], width=60, notes={"example.org": "word " * 20})
    assert lines[1].split() == ["example.org", "failed", "no"]
    assert len(lines) == 4 and max(len(line) for line in lines) <= 60


def test_wrong_input_fails_the_template_with_a_reason() -> None:
    with pytest.raises(AnsibleFilterError, match="a list of probe results is needed, not str"):
        FilterModule().filters()["tls_table"]("example.org")


ENDPOINT: dict[str, Any] = {
    "host": "mx.example.org", "address": "192.0.2.1", "port": 25, "status": "verified", "satisfied": True,
    "error": {"kind": "k", "text": "t"}, "tls": {"protocol": "TLSv1.3"},
    "tlsa": {"records": [{"usage": 3, "selector": 1, "matching_type": 1, "matched": True, "matched_depth": 0}]},
    "verification": {"matched": True, "effective_level": "dane", "error": {"text": "t"}, "reason": "r"},
    "key_algorithms": [{"algorithm": one, "status": one, "offered": True, "error": {"text": "t"}} for one in ("rsa", "ecdsa")],
}  # fmt: skip
RESULT: dict[str, Any] = {"destination": "example.org", "status": "verified", "satisfied": True, "error": None, "endpoints": [ENDPOINT]}
ESCAPE = "\x1b]0;owned\x07\x1b[2J\r\n\u202e\u2028\ud800"
HARM: tuple[Any, ...] = (
    ESCAPE, 7, -1.5, float("nan"), True, [], {}, [ESCAPE], {"a": ESCAPE}, [[]], [None], [7], b"x", 10**5000,
    "x" * 1_000_000, {"kind": [], "text": {}},
    [{}], [{"status": []}, {"status": {}}, {"status": ESCAPE}],
    [{"matched": True, "matched_depth": "x"}, {"matched": True, "matched_depth": []}],
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every place in a value, the value itself first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in items for place in places(one, (*path, key)))]


@pytest.mark.parametrize("path", places([RESULT])[1:], ids=str)
def test_results_of_a_host_that_lies(path: tuple[Any, ...]) -> None:
    """A table or one clean error; no traceback, no control characters, no flood."""
    for harm in HARM:
        results: Any = [copy.deepcopy(RESULT)]
        place = results
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = harm
        try:
            lines = FilterModule().filters()["tls_table"](results, notes={"example.org": "a note"})
        except AnsibleFilterError as error:
            lines = [str(error)]
            assert len(path) == 1, (path, harm)
        assert len(lines) < 60 and all(len(line) <= 250 and line.isprintable() for line in lines), (harm, lines)


def test_no_more_endpoints_than_a_probe_has() -> None:
    lines = FilterModule().filters()["tls_table"]([{**RESULT, "endpoints": [{"host": "mx"}] * 100_000}])
    assert len(lines) < 110 and any("and 99900 more endpoints" in line for line in lines)


@pytest.mark.parametrize("given", [{"width": "100"}, {"width": None}, {"notes": ["x"]}])
def test_options_of_another_type(given: dict[str, Any]) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        FilterModule().filters()["tls_table"]([RESULT], **given)
    assert len(str(caught.value)) < 300
