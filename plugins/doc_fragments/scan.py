# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of whatever can ask a server for everything that it accepts."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by modules that can scan servers."""

    DOCUMENTATION = r"""
options:
  scan:
    description:
      - Whether to ask each server which protocol versions, cipher suites, groups and signature schemes it accepts. The answers are in
        RV(results[].endpoints[].scan). R(The guide,ansible_collections.mailops.tls.docsite.guide_scan) tells how it is done.
      - V(grade) asks for what a grade needs, in at most 25 connections. Of weak cipher suites it wants three examples of each level.
      - V(full) asks for everything. It takes as many connections as there are accepted suites, and up to 12 more.
      - Every connection is a handshake that is never finished, and servers log it. Postfix writes three lines for each. C(fail2ban) in its
        aggressive mode bans who does this, so scan your own servers, or those whose owner agrees.
      - A scan follows a probe that came as far as to TLS. It stops at the first refused connection, reply 421 or other sign of too many.
        What was not asked by then is V(not_tested).
      - Each address, port and server name is scanned once in a run, however many domains share it. An address never has two scans
        at a time. So there is one process, whatever C(workers) says.
    type: str
    choices: [none, grade, full]
    default: none
  scan_interval:
    description:
      - Seconds between two connections of one scan. They count in O(per_address_limit) and O(concurrency), too.
    type: float
    default: 0.5
  scan_deadline:
    description:
      - Seconds that one scan may take altogether, waits for its turn not counted. Each of its connections has O(deadline) as well.
    type: float
    default: 300
"""
