# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deployment warns of, openssl(1) refuses as a client that verifies does, with the same code. It accepts what nothing is said of."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.mailops.tls.tests.unit.makers.certificates import Issued, hierarchy
from ansible_collections.mailops.tls.tests.unit.makers.refused_chains import Refused, refused_chains

CODE = re.compile(r"^error (\d+) at", re.M)


def first_code(folder: Path, sent: Sequence[Issued], root: Issued) -> int | None:
    """Ask openssl; None when the chain verifies."""
    for name, some in (("root", (root,)), ("sent", sent[1:]), ("leaf", sent[:1])):
        (folder / name).write_bytes(b"".join(one.pem for one in some))
    command = ["openssl", "verify", "-purpose", "sslserver", "-auth_level", "1", "-no-CApath", "-no-CAstore"]
    untrusted = ["-untrusted", str(folder / "sent")] if len(sent) > 1 else []
    whole = [*command, "-CAfile", str(folder / "root"), *untrusted, str(folder / "leaf")]
    done = subprocess.run(whole, check=False, capture_output=True, text=True)
    found = CODE.search(done.stderr)
    assert (done.returncode == 0) == (found is None), done.stderr
    return None if found is None else int(found.group(1))


@pytest.mark.parametrize("refused", refused_chains(), ids=lambda one: f"{one.identifier}-{one.title}")
def test_openssl_refuses_for_the_same_reason(refused: Refused, tmp_path: Path) -> None:
    assert first_code(tmp_path, refused.sent, refused.root) == refused.code


def test_openssl_accepts_what_nothing_is_said_of(tmp_path: Path) -> None:
    made = hierarchy()
    assert first_code(tmp_path, (made.leaf, made.intermediate), made.root) is None
