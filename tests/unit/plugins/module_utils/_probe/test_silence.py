# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that are silent, and for how long."""

from __future__ import annotations

from ansible_collections.mailops.tls.plugins.module_utils._errors import CommonPhase, ErrorKind, Failure
from ansible_collections.mailops.tls.plugins.module_utils._probe.link import Target
from ansible_collections.mailops.tls.plugins.module_utils._probe.silence import SECONDS, SILENT, TIMES, Silence

HERE, THERE = Target("192.0.2.1", 25), Target("192.0.2.1", 465)
TIMEOUT = Failure(ErrorKind.CONNECT_TIMEOUT, CommonPhase.CONNECT, "no answer")
REFUSED = Failure(ErrorKind.CONNECT_REFUSED, CommonPhase.CONNECT, "refused")


def test_a_server_is_silent_after_so_many_requests_in_a_row_and_for_a_while() -> None:
    now = 0.0
    silence = Silence(lambda: now)
    for failure in (None, REFUSED):
        for _time in range(TIMES - 1):
            silence.note(HERE, TIMEOUT)
        assert silence.of(HERE) is None
        silence.note(HERE, failure)  # it answered: the row is broken
    for _time in range(TIMES):
        assert silence.of(HERE) is None
        silence.note(HERE, TIMEOUT)
    assert (silence.of(HERE), silence.of(THERE)) == (SILENT, None)
    now = SECONDS - 1
    assert silence.of(HERE) is SILENT
    now = SECONDS
    assert silence.of(HERE) is None
    silence.note(HERE, TIMEOUT)
    assert silence.of(HERE) is None  # the row begins anew
