# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real posttls-finger says, one process a situation, some at a time."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.mailops.tls.tests.differential.situations import Situation
from ansible_collections.mailops.tls.tests.lab import check, posttls_finger

AT_A_TIME = 8
LIMIT = 600.0


@dataclass(frozen=True)
class Said:
    """The output of one run, as it came and as it was understood."""

    output: str
    report: posttls_finger.Report


def version() -> tuple[int, ...]:
    """The version of Postfix here."""
    done = subprocess.run(["/usr/sbin/postconf", "-dh", "mail_version"], capture_output=True, check=True, text=True)
    return tuple(int(number) for number in re.findall(r"\d+", done.stdout))


def ask(*words: str) -> Said:
    """Run posttls-finger with these words as they are; `words` include the destination."""
    done = subprocess.run([check.PROGRAM, *words], capture_output=True, timeout=LIMIT, stdin=subprocess.DEVNULL, check=False)
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    return Said(output, posttls_finger.parse(output))


def run(lab: Mapping[str, Any], situation: Situation) -> Said:
    """Run posttls-finger for one situation."""
    options = {**situation.case["options"], "match": list(situation.match)}
    command = check.arguments(lab, {**situation.case, "options": options}, situation.level)
    patience = f"{situation.patience}"
    at = command.index("-l")
    anchors = [word for path in options.get("trust_anchor_files", ()) for word in ("-A", path)]
    command[at:at] = ["-t", patience, "-T", patience, *anchors]
    return ask(*command[1:])


def run_all(lab: Mapping[str, Any], wanted: Sequence[Situation]) -> dict[str, Said]:
    """Run all situations; what was said by the situation's name."""
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        said = pool.map(lambda situation: run(lab, situation), wanted)
        return {situation.name: one for situation, one in zip(wanted, said)}
