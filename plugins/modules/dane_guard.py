#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: dane_guard
short_description: May this key or certificate go live on the mail server now, as far as DANE is concerned?
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Fails unless the published TLSA records match what is to be served, on every name server of the zone and for long enough. It is one
    task before a deployment, or one command in a hook of an ACME client.
  - Of every combination of usage, selector and matching type that is published, one record has to match the new key or chain. It has to
    be on all addresses of all name servers and known to a validating resolver. Either it matches what is served already, or it has been
    there for two times the TTL that was in effect before.
  - Names without TLSA records are no obstacle, and a note says so. What DNS does not tell for certain is one.
  - The module knows from its own earlier runs how long a record has been there. It also reads what M(mailops.tls.dane_rollover) with the
    same O(name) and O(state_directory) knows. So run it when the record is published, and again before the deployment.
  - It deploys nothing.
notes:
  - A record that is seen for the first time starts its clock. Nobody can tell the TTL that was in effect before, so
    O(unknown_ttl) is counted with.
  - In check mode clocks are not written.
requirements:
  - a validating resolver, such as Unbound
  - pyOpenSSL >= 21.0
  - cryptography >= 36.0
  - dnspython >= 2.1
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.dns
  - mailops.tls.rollover
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details:
      - Only clocks are written.
  idempotent:
    support: full
    details:
      - Clocks do not count as a change.
options:
  certificate_path:
    description:
      - The chain that is to be served, the server's certificate first, in PEM.
    type: path
  privatekey_path:
    description:
      - The private key that is to be served, in PEM. It must be that of O(certificate_path) if both are given.
      - A key without its chain cannot be compared with records of certificates and issuers, so where there are some
        it is not allowed.
    type: path
  public_key_sha256:
    description:
      - The SHA-256 of the public key, as C(3 1 1) records have it, in place of a file. It can be compared with those
        only.
    type: str
  config_directories:
    description:
      - The configuration directories of the Postfix instances that serve the present keys. The default is the one
        that C(postconf) uses by itself; without Postfix nothing counts as served.
    type: list
    elements: path
    aliases: [config_directory]
  fail:
    description:
      - Whether the task fails when the answer is no. With V(false), see RV(allowed).
    type: bool
    default: true
seealso:
  - module: mailops.tls.dane_rollover
  - module: mailops.tls.tlsa_info
  - module: mailops.tls.postfix_tls_deploy
"""

EXAMPLES = r"""
- name: May this certificate be deployed?
  mailops.tls.dane_guard:
    certificate_path: /etc/letsencrypt/live/mx.example.org/fullchain.pem
    exchange: mx.example.org

- name: Wait until it may
  mailops.tls.dane_guard:
    certificate_path: /etc/ssl/mx.example.org/fullchain.pem
    exchanges: [mx1.example.org, mx2.example.org]
    ports: [25, 465]
    fail: false
  register: guard
  until: guard.allowed
  retries: 48
  delay: 3600

# As one command, for hooks of ACME clients. Its exit status is not 0 when the answer is no:
#
#   ansible localhost -m mailops.tls.dane_guard \
#     -a "certificate_path=$RENEWED_LINEAGE/fullchain.pem exchange=mx.example.org" || exit 1
"""

RETURN = r"""
allowed:
  description: Whether it may go live now.
  returned: success, or when it is not allowed
  type: bool
  sample: true
message:
  description: The answer in one line for people.
  returned: success, or when it is not allowed
  type: str
  sample: it may go live
earliest:
  description: When it will be allowed if nothing changes, in UTC; none when that does not depend on the time alone.
  returned: success, or when it is not allowed
  type: str
  sample: '2026-09-12T03:00:00Z'
blockers:
  description: Why it is not allowed, each with C(id) and C(text).
  returned: success, or when it is not allowed
  type: list
  elements: dict
  contains:
    id:
      description: Which finding it is. R(The page of findings,ansible_collections.mailops.tls.docsite.findings) explains each.
      type: str
    text:
      description: What was seen.
      type: str
    why:
      description: Why it matters.
      type: str
    fix:
      description: What to do.
      type: str
    reference:
      description: The section of the RFC, or the document, that says so.
      type: str
  sample:
    - id: aging
      text: '_25._tcp.mx.example.org: 3 1 1 8bd1da95... has not been published long enough'
      why: Caches may still have the records from before. Their senders would refuse the new key.
      fix: Wait. The result says from when on it may go live.
      reference: RFC 7671 section 8.1
notes:
  description: What else there is to say, for example that a name has no TLSA records.
  returned: success, or when it is not allowed
  type: list
  elements: str
  sample: ['_25._tcp.mx.example.org has no TLSA records: no DANE']
public_key_sha256:
  description: The SHA-256 of the public key that is to go live.
  returned: success, or when it is not allowed
  type: str
  sample: 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
tlsa:
  description: What each name server, and the resolver, has for each owner, in the form of
    RV(mailops.tls.tlsa_info#module:results).
  returned: success, or when it is not allowed
  type: list
  elements: dict
  sample: []
option:
  description: The option that cannot be used.
  returned: when an option cannot be used
  type: str
  sample: certificate_path
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_guard.arguments import guard_arguments, guard_sources
from ansible_collections.mailops.tls.plugins.module_utils._module.dane_guard.run import run_guard
from ansible_collections.mailops.tls.plugins.module_utils._module.task import Rights, run_task
from ansible_collections.mailops.tls.plugins.module_utils._postfix.postconf import command_runner


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=guard_arguments(), required_one_of=[guard_sources()], supports_check_mode=True)
    run_task(
        module,
        lambda: run_guard(module.params, command_runner(module.run_command), check_mode=module.check_mode),
        libraries=("pyOpenSSL", "cryptography", "dnspython"),
        missing=missing_required_lib,
        rights=Rights.FILES,
    )


if __name__ == "__main__":
    main()
