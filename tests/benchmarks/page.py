# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page with the results of one run, and what it was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

HEAD = """<!--
Copyright (c) 2026, the mailops.tls authors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->

# How fast a probe run is

`make bench` wrote this page, all of it in one run. It measures `smtp_tls_probe` beside Postfix's `posttls-finger`,
`mailbox_tls_probe` beside sslyze, curl and `openssl s_client`, scans beside sslyze and testssl.sh, and `mail_domain_info` beside
checkdmarc. All of it happens in the test network: signed zones, a validating Unbound, a real Postfix and a real Dovecot on loopback
addresses in a network namespace. A run counts only when it found what there is to be found.

The commands take turns, A B A B. Numbers are medians, with the least and the greatest in parentheses. CPU is user and system
time of the prober and its children, never of the servers. Name servers and mail servers run on the same cores, so
wall-clock times are for comparison only; ratios of CPU time depend least on the machine.
"""

IMAGES = "images"
"""The folder of plots, beside the page."""
_VERSION = "from importlib import metadata; print(metadata.version('{}'))"


@dataclass(frozen=True)
class Section:
    """What one part of the run is told by: text in Markdown, and plots by the name of their file."""

    text: str
    plots: Mapping[str, str] = field(default_factory=dict)


def page(sections: Sequence[str], machine: str) -> str:
    """The whole page."""
    return "\n".join([HEAD, machine, *sections])


def image(name: str, alt: str) -> str:
    """A plot, where it stands beside the page."""
    return f"![{alt}]({IMAGES}/{name}.svg)\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned; all but the first to the right."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        texts = [cell.rjust(width) if at else cell.ljust(width) for at, (cell, width) in enumerate(zip(cells, widths))]
        return f"| {' | '.join(texts)} |"

    rule = "|".join("-" * (width + 1) + ":" if at else "-" * (width + 2) for at, width in enumerate(widths))
    return "\n".join([line(head), f"|{rule}|", *map(line, rows)]) + "\n"


def programs() -> str:
    """What is measured with, as text."""
    versions = {
        "Python": platform.python_version(),
        "ansible-core": metadata.version("ansible-core"),
        "dnspython": metadata.version("dnspython"),
        "pyOpenSSL": metadata.version("pyOpenSSL"),
        "cryptography": metadata.version("cryptography"),
        **_programs(),
        "sslyze": _first_line([str(Path(os.environ["BENCH_SSLYZE"]).with_name("python")), "-c", _VERSION.format("sslyze")]),
        "checkdmarc": _first_line([os.environ["BENCH_CHECKDMARC"], "-c", _VERSION.format("checkdmarc")]),
        "testssl.sh": _debian("testssl.sh"),
        "nginx": _debian("nginx"),
        "curl": _first_line(["curl", "--version"]).split()[1],
    }
    return ", ".join("{} {}".format(*pair) for pair in versions.items())


def machine(found: str, load: float, minutes: float) -> str:
    """What the run was done with, what else the machine did before it began, and how long it took."""
    cores = f"{len(os.sched_getaffinity(0))} {platform.machine()} cores"
    return f"Measured in {minutes:.0f} minutes on {cores}, whose load was {load:.1f} before, with {found}.\n"


def _programs() -> Mapping[str, str]:
    """Versions of what does not come from PyPI, and of the TLS library inside cryptography."""
    from cryptography.hazmat.backends.openssl import backend

    postfix = _first_line(["postconf", "-d", "-h", "mail_version"])
    library = _first_line(["openssl", "version"]).split()[1]
    ours = backend.openssl_version_text().split()[1]
    return {"OpenSSL (of cryptography)": ours, "Postfix": postfix, "OpenSSL (of Postfix, curl and s_client)": library}


def _debian(package: str) -> str:
    return _first_line(["dpkg-query", "-W", "-f", "${Version}", package])


def _first_line(command: Sequence[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return done.stdout.splitlines()[0]
