#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mx_audit_shards
short_description: Share a list of mail domains out among machines that probe
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Reads a list of destinations, and writes a list for each prober. M(mailops.tls.smtp_tls_probe) takes such a list as
    C(destinations_file).
  - By default domains with the same exchanges go to the same prober, so that a mail server sees one of them only. For that the MX
    records are looked up, with one question a domain and no address.
  - Who gets what is a matter of names alone (rendezvous hashing). The next run shares out in the same way. A prober that comes or goes
    moves its own share, and no other.
  - Whose MX records cannot be looked up is shared out by its own name.
  - One machine can look up the exchanges, O(exchanges_dest), and another one share the domains out by them, O(exchanges_file). The latter
    reads its own list, so each destination is given once, whatever the former says. The role P(mailops.tls.mx_audit#role) does so, as a
    machine that probes is not trusted.
notes:
  - Domains that share some of their exchanges, and not all, can go to different probers.
  - The module runs where its task runs, on a machine that can ask DNS.
requirements:
  - dnspython >= 2.1, when O(shard_by=exchange) and there is more than one prober
extends_documentation_fragment:
  - mailops.tls.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - The lists are written anew, and their lines can have another order.
options:
  destinations_file:
    description:
      - The list, as M(mailops.tls.smtp_tls_probe) reads it.
    type: path
    required: true
  dest:
    description:
      - The folder for the lists. It is made when it is not there. It is needed, but not with O(exchanges_dest).
    type: path
  exchanges_dest:
    description:
      - A file for the exchanges of all destinations, in place of lists.
    type: path
  exchanges_file:
    description:
      - Such a file of another machine. Then DNS is not asked.
      - A destination that is not in the file is shared out by its own name. A name in the file that is not in the list is left out. A
        warning tells of both.
      - A warning also names a prober that is given much more than its fair share, more than halfway from there to everything.
    type: path
  probers:
    description:
      - The names of those who probe.
    type: list
    elements: str
    required: true
  shard_by:
    description:
      - What stays together.
      - V(exchange) means domains with the same exchanges.
      - V(domain) shares out by the names of the domains, without a question to DNS.
      - V(vantage) has everybody probe everything, to compare what they see.
    type: str
    choices: [exchange, domain, vantage]
    default: exchange
  seed:
    description:
      - Another word here is another distribution.
    type: str
    default: default
  nameservers:
    description:
      - The recursive resolvers to ask, in the forms that O(mailops.tls.smtp_tls_probe#module:nameservers) takes. The default is what
        C(/etc/resolv.conf) says.
    type: list
    elements: str
  concurrency:
    description:
      - Most questions at a time.
    type: int
    default: 100
seealso:
  - module: mailops.tls.smtp_tls_probe
"""

EXAMPLES = r"""
- name: Share the domains out among three probers
  mailops.tls.mx_audit_shards:
    destinations_file: /var/lib/mail/domains.txt
    dest: /var/lib/mail/shards
    probers: [ams1, fra1, sin1]
  register: shared

- name: Have a machine that can ask DNS look up the exchanges
  mailops.tls.mx_audit_shards:
    destinations_file: /var/lib/mail/domains.txt
    exchanges_dest: /var/lib/mail/exchanges
    probers: [ams1, fra1, sin1]

- name: Share the domains out by what it has found
  mailops.tls.mx_audit_shards:
    destinations_file: /var/lib/mail/domains.txt
    exchanges_file: /var/lib/mail/fetched-exchanges
    dest: /var/lib/mail/shards
    probers: [ams1, fra1, sin1]
  delegate_to: localhost

- name: Show who has how many
  ansible.builtin.debug:
    msg: "{{ item.prober }}: {{ item.destinations }}"
  loop: "{{ shared.shards }}"
"""

RETURN = r"""
shards:
  description: The lists, in the order of O(probers). There are none with O(exchanges_dest).
  returned: success
  type: list
  elements: dict
  contains:
    prober:
      description: Whose it is.
      type: str
      sample: ams1
    src:
      description: The file.
      type: str
      sample: /var/lib/mail/shards/1-ams1.txt
    destinations:
      description: How many destinations are in it.
      type: int
      sample: 3312
destinations:
  description: How many destinations O(destinations_file) has.
  returned: success
  type: int
  sample: 10000
unresolved:
  description: How many of them have MX records that could not be looked up.
  returned: success
  type: int
  sample: 12
option:
  description: The option that cannot be used.
  returned: when an option cannot be used
  type: str
  sample: destinations_file
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_shards.arguments import needed_libraries, shards_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mx_audit_shards.run import run_mx_audit_shards
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=shards_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_mx_audit_shards(module.params, check_mode=module.check_mode),
        libraries=needed_libraries(module.params),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
