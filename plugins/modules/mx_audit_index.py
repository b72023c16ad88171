#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mx_audit_index
short_description: Put the results of an audit into a store that audits can be compared in
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Takes the files of results that M(mailops.tls.smtp_tls_probe) wrote in one audit, one for each machine that probed. Their lines are
    kept compressed, and what can be compared of them is put into an index.
  - The index is a SQLite file. All of it can be made again of the lines, and is, when it is missing, damaged or behind.
  - A file is taken whole or not at all. The same file again changes nothing, and a longer one takes the place of the shorter one. Of a
    shorter one, what is new is added. No result that is there is lost.
  - No machine that probes is trusted. Each line is checked, results for destinations that it was not given are left out, and there are
    limits to what it can send. What it says about itself is not used.
  - The folder is C(runs/RUN/) with C(header.json) and C(shard-PROBER.jsonl.gz), the link C(latest), the index C(audit.sqlite3) and the
    file C(.lock). R(The guide to the store,ansible_collections.mailops.tls.docsite.guide_audit_store) has more.
notes:
  - Run it on the machine that keeps the audits, which is usually the controller (C(delegate_to=localhost)). Its files belong to the user
    who runs it, with mode 0600.
  - One task at a time writes to a store. Another one waits up to a minute for it.
extends_documentation_fragment:
  - mailops.tls.attributes
attributes:
  check_mode:
    support: full
    details:
      - The files are read and checked, and nothing is kept.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  directory:
    description:
      - The folder of the store. It is made when there is none, and must not be writable for others.
    type: path
    required: true
  run:
    description:
      - The name of the audit. It is its time in UTC and an id, as C(20260504T120000Z-5f0c1a2b).
      - Audits are in the order in which they came into the store. One whose time is before that of its predecessor is told in a warning.
    type: str
    required: true
  shards:
    description:
      - What came of each machine that probed. More can be added to a run by later tasks.
    type: list
    elements: dict
    required: true
    suboptions:
      prober:
        description:
          - The name of the machine. It is the C(vantage) of all that is compared.
        type: str
        required: true
      src:
        description:
          - The file of results, compressed by gzip or not. Without one nothing came of this machine, and its part of the run is missing.
        type: path
      expected:
        description:
          - How many destinations it was to probe. With fewer results its part is not whole.
        type: int
      destinations_file:
        description:
          - The file of destinations that it was to probe, as O(mailops.tls.smtp_tls_probe#module:destinations_file). With it, results
            for others are left out, and what is to come is counted.
        type: path
  untold:
    description:
      - Runs that were interrupted before anybody was told what had changed in them, and that are not gone on with.
      - From now on nothing is compared with them, so that what had changed in them is told by the runs after them.
      - They stay where they are.
    type: list
    elements: str
    default: []
  keep:
    description:
      - How many runs keep their lines. Those of older ones are removed. The default is to keep all.
    type: int
  keep_facts:
    description:
      - How many runs stay in the index. The default is to keep all; 100,000 destinations need about 40 MB for each run.
    type: int
seealso:
  - module: mailops.tls.mx_audit_changes
  - module: mailops.tls.smtp_tls_probe
"""

EXAMPLES = r"""
- name: Probe
  mailops.tls.smtp_tls_probe:
    destinations: "{{ domains }}"
    results_file: /var/lib/mail/tonight.jsonl
  register: probed

- name: Put the results into a store
  mailops.tls.mx_audit_index:
    directory: /var/lib/mail/audit
    run: "{{ now(utc=true, fmt='%Y%m%dT%H%M%SZ') }}-{{ '%08x' | format(4294967295 | random) }}"
    shards:
      - prober: "{{ inventory_hostname }}"
        src: /var/lib/mail/tonight.jsonl
        expected: "{{ domains | length }}"
    keep: 30
  delegate_to: localhost
  register: audit

- name: Tell what is missing
  ansible.builtin.debug:
    msg: "Nothing, or not all, came of {{ audit.missing | join(', ') }}"
  when: not audit.whole
"""

RETURN = r"""
run:
  description: The name of the run.
  returned: success
  type: str
  sample: 20260504T120000Z-5f0c1a2b
path:
  description: Its folder.
  returned: success
  type: str
  sample: /var/lib/mx-audit/runs/20260504T120000Z-5f0c1a2b
whole:
  description: Whether every machine that probed told about all that it was given.
  returned: success
  type: bool
  sample: true
counts:
  description: How many destinations and endpoints the run has, and how many destinations of each status.
  returned: success
  type: dict
  sample:
    destinations: 3
    endpoints: 4
    by_status: {failed: 1, verified: 2}
no_destinations:
  description: Lines of the list that are no destinations. C(count) is how many there are, C(first) has twenty of them at most.
  returned: success
  type: dict
  sample:
    count: 1
    first: [not a domain]
probers:
  description:
    - What became of each of O(shards).
  returned: success
  type: list
  elements: dict
  contains:
    prober:
      description: The name of the machine.
      type: str
      sample: probe1
    file:
      description: The name of the file in the folder of the run; none when there is nothing of it.
      type: str
      sample: shard-probe1.jsonl.gz
    expected:
      description: How many destinations it was to probe; none when that is not known.
      type: int
      sample: 3
    received:
      description: How many it told about.
      type: int
      sample: 3
    whole:
      description: Whether that is all.
      type: bool
      sample: true
    foreign:
      description: How many results were left out, as they are for destinations that it was not given.
      type: int
      sample: 0
    refused:
      description: Why its file was not taken; none when it was.
      type: str
      sample: null
missing:
  description: The machines whose part of the run is not whole.
  returned: success
  type: list
  elements: str
  sample: []
removed:
  description: The runs whose lines were removed, because of O(keep).
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.arguments import index_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_index.run import run_mx_audit_index
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=index_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_mx_audit_index(module.params, check_mode=module.check_mode),
        libraries=(),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
