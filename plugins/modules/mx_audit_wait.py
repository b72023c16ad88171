#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mx_audit_wait
short_description: Wait for a probe that runs by itself, and show how far it is
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - >-
    Waits for a task of M(mailops.tls.smtp_tls_probe) that was started with C(async) and C(poll=0). A line says every few seconds how far
    it is, such as C(prober1: 12,400 of 100,000 (12 %), 310/s, 4 min left, 82 verified 3 failed).
  - How it ended is in RV(ending). The task itself does not fail for it, so that other machines are not stopped.
  - Where the file of results is written by an earlier run that still works, this waits for that one. So a controller that was killed
    finds its probes again.
  - The role P(mailops.tls.mx_audit#role) is what it is made for.
notes:
  - It is an action of the controller. On the machine that probes it uses M(ansible.builtin.slurp) and M(ansible.builtin.async_status).
  - While the machine cannot be reached it waits on, for as long as O(patience) says.
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
options:
  jid:
    description:
      - The job, C(ansible_job_id) of the task that was started. Without it only the file of progress is watched.
    type: str
  progress_file:
    description:
      - The file that the probe writes every second, its C(progress_file).
    type: path
    required: true
  interval:
    description:
      - Seconds between two looks. The first ones are closer together.
    type: float
    default: 10
  patience:
    description:
      - Seconds without a sign of life, after which the probe is taken for dead.
    type: float
    default: 120
  longest:
    description:
      - Seconds after which the probe is taken for dead in any case. Without it, one that has news is waited for however long that takes.
    type: float
  show:
    description:
      - Whether to show how far it is.
    type: bool
    default: true
seealso:
  - module: mailops.tls.smtp_tls_probe
  - module: ansible.builtin.async_status
"""

EXAMPLES = r"""
- name: Probe many domains, and let go of the connection
  mailops.tls.smtp_tls_probe:
    destinations_file: domains.txt
    results_file: /var/lib/mail/results.jsonl
    return: summary
  async: 86400
  poll: 0
  register: started

- name: Show how far it is until it has ended
  mailops.tls.mx_audit_wait:
    jid: "{{ started.ansible_job_id }}"
    progress_file: /var/lib/mail/results.jsonl.progress
  register: probed
  failed_when: probed.ending != 'done'
"""

RETURN = r"""
ending:
  description:
    - V(done) is a probe that has ended well, V(failed) one whose task has failed.
    - V(lost) is one of which nothing was seen for too long.
    - V(other_ended) means that an earlier run had the file until now. What is left can be probed by starting again with C(resume).
  returned: always
  type: str
  sample: done
text:
  description: Why it did not end well, or empty.
  returned: always
  type: str
  sample: ''
summary:
  description: The C(summary) of the probe, when it has one.
  returned: always
  type: dict
  sample: {destinations: 3, satisfied: 2, by_status: {verified: 2, failed: 1}}
progress:
  description: What the file of progress said last.
  returned: always
  type: dict
  sample: {done: 3, total: 3, rate: 1.5, parked: 0, seconds_left: 0, by_status: {verified: 2, failed: 1}, ended: true}
"""
