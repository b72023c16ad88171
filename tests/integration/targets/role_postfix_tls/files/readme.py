# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the playbooks of a role's README into a folder: `readme.py README FOLDER [WRITTEN=MEANT ...]`. Prints their number.

What the README says is replaced by what stands for it in the test. All names of examples have to be.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT = re.compile(r"\bexample\.(?:org|com|net)\b|/etc/|mail_servers")


def main(readme: Path, folder: Path, replacements: list[str]) -> None:
    """Write them."""
    blocks = BLOCK.findall(readme.read_text(encoding="utf-8"))
    for number, text in enumerate(blocks, 1):
        for replacement in replacements:
            written, _equals, meant = replacement.partition("=")
            text = text.replace(written, meant)
        left = LEFT.search(text)
        if left:
            raise SystemExit(f"nothing stands for {left.group()} in playbook {number}")
        (folder / (f"readme-{number}.yml")).write_text(text, encoding="utf-8")
    print(len(blocks))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
