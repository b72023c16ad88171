# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter ``rollover_report``: what became of rollovers, for people and for Prometheus."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rollover_report
short_description: Tells what became of rollovers, in lines or as metrics
version_added: 1.0.0
author:
  - the mailops.tls authors (@mailops)
description:
  - Turns items of C(dane_rollover_results) of the role P(mailops.tls.dane_rollover#role) into lines for people, or into the text
    format that the node exporter of Prometheus reads.
options:
  _input:
    description: The results.
    type: list
    elements: dict
    required: true
  form:
    description:
      - V(lines) is one line for each server. V(details) is those lines, each with what it is about below.
      - V(metrics) is a text for a file that ends in C(.prom).
    type: str
    choices: [lines, details, metrics]
    default: lines
  now:
    description: The time that is told as that of the run, in seconds since 1970. Needed with O(form=metrics).
    type: float
    default: 0
  by_hand:
    description: With O(form=details), whether to say which records somebody has to publish.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what became of the rollovers
  ansible.builtin.debug:
    msg: "{{ results | mailops.tls.rollover_report }}"
  vars:
    results: "{{ ansible_play_hosts | map('extract', hostvars, 'dane_rollover_results') | map(attribute='default') }}"
"""

RETURN = r"""
_value:
  description: A list of lines, or a text for O(form=metrics).
  type: raw
  sample: ['mx1.example.org: steady: next step at 2026-12-12T03:00:00Z; DNSSEC yes; certificate 89 days']
"""

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.mailops.tls.plugins.module_utils._rollover.metrics import exposition
from ansible_collections.mailops.tls.plugins.module_utils._rollover.server_report import details, line, typed

FORMS = ("lines", "details", "metrics")


def rollover_report(
    results: Sequence[Mapping[str, Any]], form: str = "lines", now: float = 0.0, by_hand: bool = False
) -> str | list[str]:
    """Return the report.

    Raises:
        AnsibleFilterError: when they are not results.
    """
    if form not in FORMS:
        raise AnsibleFilterError(f"mailops.tls.rollover_report: form: {form!r} is none of {', '.join(FORMS)}")
    try:
        results = [typed(one) for one in results]
        if form == "metrics":
            text: str = wrap_var(exposition(results, float(now)))
            return text
        lines: list[str] = wrap_var(
            [one for each in results for one in [line(each), *(details(each, by_hand) if form == "details" else [])]]
        )
        return lines
    except (KeyError, TypeError, ValueError) as error:
        raise AnsibleFilterError(f"mailops.tls.rollover_report: these are not results of the role: {error!r}") from error


class FilterModule:
    """Tells Ansible which filters this file has."""

    def filters(self) -> dict[str, Callable[..., str | list[str]]]:
        """Return the filters by name."""
        return {"rollover_report": rollover_report}
