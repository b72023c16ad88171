# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The check for Icinga and Nagios in the guide about reports: its state is that of the report, and UNKNOWN where that is in doubt."""

from __future__ import annotations

import os
import subprocess
import textwrap
import time
from pathlib import Path
from typing import Callable

import pytest
from ansible_collections.mailops.tls.plugins.module_utils._report.icinga import icinga
from ansible_collections.mailops.tls.tests.unit.makers.audits import endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.formats import one
from ansible_collections.mailops.tls.tests.unit.makers.reports import material

GUIDE = (Path(__file__).parents[3] / "docs/docsite/rst/guide_report.rst").read_text(encoding="utf-8")
SCRIPT = textwrap.dedent(GUIDE.partition(".. code-block:: sh\n\n")[2].partition("\n\nIt is UNKNOWN")[0]) + "\n"


def _checked(*arguments: str) -> tuple[int, str]:
    done = subprocess.run(["sh", "-c", SCRIPT, "check", *arguments], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "results",
    [[one("a.example")], [one("a.example", lost("mx", kind="timeout"))], [one("a.example", lost("mx", kind="rate_limited"))], []],
)
def test_the_state_is_that_of_the_report(tmp_path: Path, results: list[dict[str, object]]) -> None:
    code, text = icinga(material(results))
    path = tmp_path / "icinga.txt"
    path.write_text(text, encoding="utf-8")
    assert _checked(str(path)) == (code, text)


def test_a_certificate_that_ends_soon_is_a_warning(tmp_path: Path) -> None:
    seen = endpoint("mx")
    seen["chain"][0]["not_after"] = "2026-05-13T00:00:00Z"
    path = tmp_path / "icinga.txt"
    path.write_text(icinga(material([one("a.example", seen)]))[1], encoding="utf-8")
    code, text = _checked(str(path))
    assert code == 1
    assert text.startswith("MAIL TLS WARNING - ")


def _missing(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _empty(path: Path) -> None:
    path.write_text("", encoding="utf-8")


def _other(path: Path) -> None:
    path.write_text("MAIL TLS OKAY\n", encoding="utf-8")


def _old(path: Path) -> None:
    yesterday = time.time() - 27 * 3600
    os.utime(path, (yesterday, yesterday))


@pytest.mark.parametrize("spoil", [_missing, _folder, _dangling, _empty, _other, _old])
def test_whatever_is_in_doubt_is_unknown(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "icinga.txt"
    path.write_text(icinga(material([one("a.example")]))[1], encoding="utf-8")
    assert _checked(str(path))[0] == 0
    spoil(path)
    code, text = _checked(str(path))
    assert code == 3
    assert text.startswith("MAIL TLS UNKNOWN - ")
    assert text.count("\n") == 1


def test_without_a_file_it_is_unknown_and_hours_can_be_others(tmp_path: Path) -> None:
    assert _checked()[0] == 3
    path = tmp_path / "icinga.txt"
    path.write_text(icinga(material([one("a.example")]))[1], encoding="utf-8")
    _old(path)
    assert _checked(str(path), "30")[0] == 0
    for wrong in ("tomorrow", "08", "-1", "1.5", ""):
        assert _checked(str(path), wrong)[0] == 3
