# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CSV: what a spreadsheet would compute is text, and reading it gives back what was written."""

from __future__ import annotations

import csv
import io

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.csv_table import BYTE_ORDER_MARK, COLUMNS, csv_table, safe_cell
from ansible_collections.mailops.tls.tests.unit.makers.audits import endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.formats import broken, hostile, one
from ansible_collections.mailops.tls.tests.unit.makers.reports import material
from hypothesis import given
from hypothesis import strategies as st

_BEGINS_A_FORMULA = tuple("=+-@\t\r\n")


def _rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_a_line_for_each_server() -> None:
    rows = _rows(csv_table(material([one("a.example", endpoint("mx"), lost("mx", kind="timeout", address="192.0.2.2"))])))
    assert rows[0] == list(COLUMNS)
    first, second = (dict(zip(rows[0], row)) for row in rows[1:])
    shown = [first[name] for name in ("name", "satisfied", "not_after", "tlsa_matched")]
    assert shown == ["a.example", "yes", "2026-06-30T00:00:00Z", "3 1 1"]
    assert (second["address"], second["satisfied"], second["error"], second["protocol"]) == ("192.0.2.2", "no", "timeout", "")


def test_excel_gets_a_mark_at_the_beginning() -> None:
    assert csv_table(material([]), excel=True).startswith(BYTE_ORDER_MARK)
    assert not csv_table(material([])).startswith(BYTE_ORDER_MARK)


def test_no_cell_of_hostile_text_is_a_formula() -> None:
    rows = _rows(csv_table(material(hostile())))
    assert len(rows) == 2 * len(hostile()) + 1
    for row in rows:
        assert len(row) == len(COLUMNS)
        assert not [cell for cell in row if cell.lstrip(" ").startswith(_BEGINS_A_FORMULA)]


@given(st.text())
def test_a_safe_cell_is_the_text_and_no_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip(" ").startswith(_BEGINS_A_FORMULA)
    assert cell in (text, f"'{text}")


@pytest.mark.parametrize("seed", range(200))
def test_a_broken_result_is_no_traceback(seed: int) -> None:
    assert len({len(row) for row in _rows(csv_table(material([broken(seed)])))}) == 1
