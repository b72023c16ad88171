#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mx_audit_changes
short_description: Tell what changed between two audits
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Compares two runs of a store that M(mailops.tls.mx_audit_index) made. The task is changed exactly when something changed.
  - Compared are verdicts, errors, protocols, keys, issuers, TLSA records, exchanges, DNSSEC, and what is left of certificates.
  - Each destination is compared with the last run that saw it, for each machine that probes. So a run in which a machine was away hides
    no change, and what came back is not new.
  - What one run did not learn is no difference. A server that does not answer has not lost its key.
  - A failure that may pass counts when it is confirmed. Either a second look in the same run saw it too, or the run before did. Until
    then it is V(unconfirmed).
  - A renewed certificate is no change. It has the same issuer and the same key, or a new key that TLSA records match. Without records, a
    new key of the same authority is a renewal, unless the verdict is worse than before.
  - All changes are also written to C(changes.jsonl) in the folder of the run.
notes:
  - Run it on the machine that keeps the audits, which is usually the controller (C(delegate_to=localhost)).
requirements:
  - jmespath, for O(ignore)
extends_documentation_fragment:
  - mailops.tls.attributes
attributes:
  check_mode:
    support: full
    details:
      - The runs are compared, and nothing is written down.
  diff_mode:
    support: full
    details:
      - The changes that count, a line each, as many as O(max).
  idempotent:
    support: N/A
    details:
      - It tells the same change every time that the same runs are compared.
options:
  directory:
    description:
      - The folder of the store. Either it is needed, or O(before) and O(after) are.
    type: path
  run:
    description:
      - The latter run. The default is the one that came into the store last.
    type: str
  previous:
    description:
      - The former run. The default is the last one before O(run) that saw something. What it did not see is compared with the runs
        before it.
    type: str
  before:
    description:
      - In place of a store, the files of results of the former run, as M(mailops.tls.smtp_tls_probe) writes them, compressed by gzip or
        not. They are taken for whole. What is given is what is compared.
    type: list
    elements: path
  after:
    description:
      - The same of the latter run.
    type: list
    elements: path
  ignore:
    description:
      - JMESPath expressions. A change for which one of them is true is counted as ignored, and nothing else.
      - They see a change as an item of RV(details). A name that a change does not have, and a function that cannot take what it is given,
        stop the task before anything is compared.
      - There can be 64 expressions of 4096 characters.
    type: list
    elements: str
    default: []
  max:
    description:
      - How many changes are returned in RV(details), and views in RV(views). All are counted.
    type: int
    default: 100
  vantages:
    description:
      - Whether to compare what several machines saw in O(run), too. That finds DNS that answers each of them differently, and servers
        behind one address with different keys.
    type: bool
    default: false
seealso:
  - module: mailops.tls.mx_audit_index
"""

EXAMPLES = r"""
- name: What changed since the last audit?
  mailops.tls.mx_audit_changes:
    directory: /var/lib/mail/audit
    ignore:
      - kind == 'gone'
      - kind == 'protocol' && ends_with(host, '.example.net')
  delegate_to: localhost
  register: audit
  diff: true

- name: What is different between two files of results?
  mailops.tls.mx_audit_changes:
    before: [/var/lib/mail/monday.jsonl.gz]
    after: [/var/lib/mail/tuesday.jsonl.gz]

- name: Tell it
  ansible.builtin.debug:
    msg: "{{ audit.changes.changed }} domains changed, {{ audit.changes.renewed }} renewed a certificate"
  when: audit is changed
"""

RETURN = r"""
run:
  description: The latter run; none when files are compared.
  returned: success
  type: str
  sample: 20260504T120000Z-5f0c1a2b
previous:
  description: The former run; none for the first one of a store, which nothing is compared with, and for files.
  returned: success
  type: str
  sample: 20260503T120000Z-1b2c3d4e
whole:
  description: Whether nothing of the latter run is missing.
  returned: success
  type: bool
  sample: true
missing:
  description: The machines whose part of it is not whole.
  returned: success
  type: list
  elements: str
  sample: []
changes:
  description: How much changed.
  returned: success
  type: dict
  contains:
    new:
      description: Destinations that were not in the list before.
      type: int
    gone:
      description: Destinations that are not in the list any more. The latter run is whole.
      type: int
    changed:
      description: Destinations with other changes that count.
      type: int
    renewed:
      description: Destinations with a renewed certificate.
      type: int
    missing:
      description: Destinations that the latter run did not see, as parts of it are missing.
      type: int
    unconfirmed:
      description: Destinations with a failure that may pass.
      type: int
    ignored:
      description: Changes that O(ignore) took out.
      type: int
    by_kind:
      description: How many changes there are of each kind, as in RV(details[].kind).
      type: dict
  sample: {new: 0, gone: 0, changed: 1, renewed: 12, missing: 0, unconfirmed: 2, ignored: 0, by_kind: {key: 1, renewed: 12, unconfirmed: 3}}
changed_destinations:
  description: The first 100 destinations with a change that counts.
  returned: success
  type: list
  elements: str
  sample: [example.org]
regressed:
  description:
    - The first 100 destinations where something is worse that is not ignored. Mail is not delivered any more, a verdict fell, or a
      certificate ends soon or has ended.
  returned: success
  type: list
  elements: str
  sample: []
details:
  description: The first O(max) changes that count and are not ignored, in the order of destinations.
  returned: success
  type: list
  elements: dict
  contains:
    kind:
      description:
        - V(new) and V(gone) are edits of the list.
        - V(delivery) is about whether a Postfix SMTP client would deliver to the destination, V(verdict) about one endpoint.
        - V(error) is another kind of error with the same verdict.
        - V(protocol), V(key), V(issuer) and V(tlsa) are what the server shows and what its records say.
        - V(expiry) is a certificate that ends soon, or has ended. Soon is less than 30 days and less than a sixth of its whole time.
        - V(mx) are the exchanges, V(dnssec) whether the MX records or the addresses of an exchange are validated.
        - V(missing), V(renewed), V(address) and V(unconfirmed) are counted and written down. They do not count as a change.
      type: str
      sample: key
    destination:
      description: The destination, in lower case and ASCII.
      type: str
      sample: example.org
    host:
      description: The exchange; none for a change of the destination itself.
      type: str
      sample: mx.example.org
    address:
      description: Its address; none for a change at all of them.
      type: str
      sample: 192.0.2.25
    port:
      description: The port.
      type: int
      sample: 25
    algorithm:
      description: The kind of key that was asked for.
      type: str
      sample: any
    vantage:
      description: The machine that probed.
      type: str
      sample: probe1
    before:
      description: What it was.
      type: str
      sample: 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
    after:
      description: What it is.
      type: str
      sample: 3d4c5b6a79880716253443526170ffeeddccbbaa99887766554433221100ffee
    counts:
      description: Whether it counts as a change.
      type: bool
      sample: true
views:
  description:
    - With O(vantages), the first O(max) differences between what several machines saw. An item has what one of RV(details) has.
      C(reference) is the machine that saw C(before), C(vantage) the one that saw C(after).
  returned: success
  type: list
  elements: dict
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_changes.arguments import changes_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_changes.run import run_mx_audit_changes
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=changes_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_mx_audit_changes(module.params, check_mode=module.check_mode),
        libraries=(),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
