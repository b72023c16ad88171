# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pages that the browser's tests look at: `python pages.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.mailops.tls.plugins.module_utils._grade.grade import named_policies
from ansible_collections.mailops.tls.plugins.plugin_utils._report_html import html_report
from ansible_collections.mailops.tls.tests.report import showcase
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, endpoint, lost
from ansible_collections.mailops.tls.tests.unit.makers.hostile_text import changes_with, results_with
from ansible_collections.mailops.tls.tests.unit.makers.reports import HOSTILE, many, material


def main(folder: Path) -> None:
    """Write all pages."""
    changes = tuple(change for text in HOSTILE for change in changes_with(text))
    pages = {
        "showcase": material(
            showcase.results(), named_policies(["ncsc-2025"]), title="Mail servers of our partners", changes=showcase.changes()
        ),
        "many": material(many(10_000)),
        "hostile": material([one for text in HOSTILE for one in results_with(text)], title=HOSTILE[0], changes=changes),
        "one": material([audited("example.org", endpoint("mx1.example.org"), lost("mx2.example.org", "192.0.2.2"))]),
        "none": material([], changes=()),
    }
    for name, one in pages.items():
        text = html_report(one)
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
        print(f"{name}: {len(text):,} bytes")
        assert len(text) <= 5_000_000, f"{name} is too large"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
