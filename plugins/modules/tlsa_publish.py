#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tlsa_publish
short_description: Publish and remove single TLSA records by dynamic update, or in a zone file
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Adds TLSA records to a zone, or removes them, one by one. The other records of the same name stay. It does so at the primary name
    server by dynamic update (RFC 2136), signed with TSIG (RFC 8945). Or it does so in a file that a zone file includes.
  - What is there is read from the same server, and the update demands that it is still there. When somebody else was faster, the
    module reads again and tries again, five times at most.
  - All updates of a zone are one message, so either all of them are done or none. Several zones are updated one after the other.
  - When no signed reply comes, it is unclear whether the update was done. The module then reads again and so finds out.
  - An RRset has one TTL. Records that are added get the TTL of those that are there. Another TTL asked for is given to all of them.
  - Records that no certificate could match are refused, as M(mailops.tls.tlsa_records) refuses them; removed may be any record.
  - The module does not wait until secondary servers have the change.
notes:
  - "Publishing with another module: TLSA records are data like any other, so the module of any DNS provider can take the place of
    this one, if it adds and removes single values. C(records) of M(mailops.tls.tlsa_records) (and what a rollover says is to be
    added or removed) have everything by name; RV(mailops.tls.tlsa_records#module:record_sets),
    RV(mailops.tls.tlsa_records#module:single_records) and RV(mailops.tls.tlsa_records#module:split_records) have the names of
    the options of widely used modules. See the examples."
  - Modules that set all values of a name, as M(community.general.nsupdate) does, need all records that are to stay, those of the key
    in use included.
  - "The server has to allow updates by the key. For BIND: C(update-policy { grant tlsa-update subdomain example.org TLSA; };). For
    Knot: an C(acl) with the key, C(action: update) and C(update-type: [TLSA])."
  - A file that is included is read by the name server when the zone is loaded. The serial number and the reload are left to a handler.
requirements:
  - dnspython >= 2.1, unless O(zone_file) is used
extends_documentation_fragment:
  - mailops.tls.attributes
attributes:
  check_mode:
    support: full
    details:
      - The server is asked, and nothing is changed.
  diff_mode:
    support: full
    details:
      - The records of all names concerned, before and after, as lines of a zone file.
  idempotent:
    support: full
options:
  records:
    description:
      - The records. The return values RV(mailops.tls.tlsa_records#module:records),
        RV(mailops.tls.tlsa_records#module:single_records) and RV(mailops.tls.tlsa_records#module:record_sets) can be given as
        they are, and so can RV(added) and RV(removed).
    type: list
    elements: dict
    required: true
    suboptions:
      owner:
        description:
          - The name of the RRset. It is absolute, whether it ends with a dot or not.
          - Any name that DNS can have. One without any label that begins with C(_) is most likely a mistake, so it needs
            O(records[].alias_target).
        type: str
        required: true
        aliases: [record]
      rdata:
        description: The RDATA as text, or a list of several, as in V(3 1 1 8bd1da95...) or in the form for unknown types (RFC 3597).
        type: raw
        aliases: [value]
      usage:
        description: The certificate usage, when there is no O(records[].rdata).
        type: int
      selector:
        description: The selector.
        type: int
      matching_type:
        description: The matching type.
        type: int
      data:
        description: The association data in hexadecimal.
        type: str
      ttl:
        description: The TTL in seconds. The default is O(ttl).
        type: int
      type:
        description: The type of the record.
        type: str
        choices: [TLSA]
      rdata_rfc3597:
        description: Ignored; there because M(mailops.tls.tlsa_records) returns it.
        type: str
      host:
        description: Ignored; there because M(mailops.tls.tlsa_records) returns it.
        type: str
      port:
        description: Ignored; there because M(mailops.tls.tlsa_records) returns it.
        type: int
      protocol:
        description: Ignored; there because M(mailops.tls.tlsa_records) returns it.
        type: str
      alias_target:
        description:
          - The owner is a name without port and protocol, to which a CNAME record at such a name leads.
          - M(mailops.tls.dane_rollover) sets it.
        type: bool
      sources:
        description: Ignored; there because M(mailops.tls.tlsa_records) returns it.
        type: list
        elements: str
  state:
    description:
      - Whether the records are to be there or not.
    type: str
    choices: [present, absent]
    default: present
  exclusive:
    description:
      - Remove all other TLSA records of the same names. For O(state=present).
      - A key whose record goes while it is in use, or known to resolvers without the new one, keeps mail away.
    type: bool
    default: false
  allow_empty:
    description:
      - Let O(state=absent) remove the last record of a name. This turns DANE off for it, so that senders no longer verify the server.
        Without it that is an error.
    type: bool
    default: false
  allow_certificate_pinning:
    description:
      - Allow to publish C(3 0 x) and C(1 0 x). They stop matching when the certificate is renewed, even with the same key.
    type: bool
    default: false
  ttl:
    description:
      - The TTL of the RRsets in seconds, for records without one.
      - By default an RRset keeps the TTL it has. A new one gets C(3600), in O(zone_file) the default of the zone.
    type: int
  server:
    description:
      - The primary server of the zone, an IP address or a host name. Either this or O(zone_file) is required.
    type: str
  port:
    description:
      - Its port.
    type: int
    default: 53
  protocol:
    description:
      - Whether to use TCP or UDP. Messages of more than 512 bytes go over TCP always.
    type: str
    choices: [tcp, udp]
    default: tcp
  timeout:
    description:
      - Seconds to wait for a connection or a reply.
    type: float
    default: 10
  zone:
    description:
      - The zone that all records are in. By default the server is asked which of its zones each of them is in.
    type: str
  key_name:
    description:
      - The name of the TSIG key. Without a key only a server on the loopback addresses of the machine is used.
      - Any name that DNS can have, such as V(mx1/tlsa) or V('20260101').
      - Put quotes around numbers, since YAML takes some of them for others.
      - With O(key_file), which of the keys in it.
    type: str
  key_secret:
    description:
      - The secret of the key in base64.
    type: str
  key_file:
    description:
      - A file with the key, as C(tsig-keygen) of BIND or C(keymgr -t) of Knot writes it, or a line C(algorithm:name:secret).
      - C(/run/named/session.key) is the one of C(update-policy local) of a BIND on the same machine.
    type: path
  key_algorithm:
    description:
      - The algorithm of the key, unless O(key_file) names it. Weaker ones are refused.
    type: str
    choices: [hmac-sha256, hmac-sha384, hmac-sha512]
    default: hmac-sha256
  zone_file:
    description:
      - A file with TLSA records, which a zone file includes (C($INCLUDE)), in place of O(server). Its folder has to exist; the file is
        made when it is missing.
      - The records are put into it or taken out of it. Its other lines stay as they are. It is replaced at once, so that a name
        server never reads half of it.
      - Every record in it has to be on one line with its absolute name. Anything else but comments in it is an error.
      - Nothing is written in a folder that everybody may write without a sticky bit, nor through a symbolic link of another user.
      - In a folder that everybody may write, a file of another user than root and one's own is refused.
    type: path
seealso:
  - module: mailops.tls.tlsa_records
  - module: community.general.nsupdate
  - module: community.general.cloudflare_dns
  - module: community.dns.hetzner_dns_record
"""

EXAMPLES = r"""
- name: Records of the next key
  mailops.tls.tlsa_records:
    host: mx.example.org
    privatekey_path: /etc/ssl/private/mx.example.org.next.key
  register: next

- name: Add them to those that are there
  mailops.tls.tlsa_publish:
    records: "{{ next.records }}"
    server: 192.0.2.53
    key_name: tlsa-update
    key_secret: "{{ tsig_secret }}"

- name: Remove the record of a key that is no longer used
  mailops.tls.tlsa_publish:
    state: absent
    records:
      - owner: _25._tcp.mx.example.org
        rdata: 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
    server: 192.0.2.53
    key_file: /etc/mail/tlsa-update.key

- name: Maintain a file that the zone file includes, on the name server
  mailops.tls.tlsa_publish:
    records: "{{ next.records }}"
    zone_file: /etc/nsd/example.org.tlsa
  delegate_to: ns.example.org
  notify: Raise the serial number and reload the zone

# Other modules in the place of this one. What a rollover says is to be added or removed has the same fields as these records.
- name: Add single records at a provider of community.dns
  community.dns.hetzner_dns_record:
    state: present
    zone_name: example.org
    hetzner_token: "{{ hetzner_token }}"
    record: "{{ item.owner }}"
    type: TLSA
    ttl: "{{ item.ttl | default(3600, true) }}"
    value: "{{ item.rdata }}"
  loop: "{{ next.records }}"

- name: Add single records at Cloudflare
  community.general.cloudflare_dns:
    state: present
    zone: example.org
    api_token: "{{ cloudflare_token }}"
    record: "{{ item.host }}"
    type: TLSA
    port: "{{ item.port }}"
    proto: "{{ item.protocol }}"
    cert_usage: "{{ item.usage }}"
    selector: "{{ item.selector }}"
    hash_type: "{{ item.matching_type }}"
    value: "{{ item.data }}"
    solo: false
  loop: "{{ next.records }}"

- name: Set all records of a name at once, of the current and of the next key
  community.general.nsupdate:
    server: 192.0.2.53
    key_name: tlsa-update
    key_secret: "{{ tsig_secret }}"
    key_algorithm: hmac-sha256
    record: "{{ item.record }}"
    type: "{{ item.type }}"
    ttl: 3600
    value: "{{ item.value }}"
  loop: "{{ [certificate, request] | mailops.tls.tlsa_rdata(form='record_sets', host='mx.example.org') }}"
  vars:
    certificate: "{{ lookup('ansible.builtin.file', 'mx.example.org.pem') }}"
    request: "{{ lookup('ansible.builtin.file', 'mx.example.org.next.csr') }}"
"""

RETURN = r"""
rrsets:
  description: Every RRset concerned, before and after. Without records, C(rdata) is empty and C(ttl) is null.
  returned: success
  type: list
  elements: dict
  contains:
    owner:
      description: Its name, absolute.
      type: str
      sample: _25._tcp.mx.example.org.
    zone:
      description: The zone it is in; null with O(zone_file).
      type: str
      sample: example.org
    changed:
      description: Whether it was (or would be) changed.
      type: bool
      sample: true
    before:
      description: TTL and records before.
      type: dict
      sample: {ttl: 3600, rdata: [3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922]}
    after:
      description: TTL and records afterwards.
      type: dict
      sample: {ttl: null, rdata: []}
added:
  description:
    - The records that were (or would be) added, as O(records) takes them, so that a later task can undo it.
    - Their fields are those of RV(mailops.tls.tlsa_records#module:records), without C(sources).
  returned: success
  type: list
  elements: dict
  sample:
    - owner: _25._tcp.mx.example.org.
      host: mx.example.org
      port: 25
      protocol: tcp
      ttl: 3600
      usage: 3
      selector: 1
      matching_type: 1
      data: 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
      rdata: 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
      rdata_rfc3597: \# 35 0301018bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
removed:
  description: The records that were (or would be) removed, in the same form.
  returned: success
  type: list
  elements: dict
  sample: []
zones:
  description: The zones concerned, with the serial number that the server has for each of them now. Empty with O(zone_file).
  returned: success
  type: list
  elements: dict
  sample:
    - {zone: example.org, serial: 2026091201}
zone_text:
  description: The RRsets concerned as lines of a zone file, as they are afterwards.
  returned: success
  type: str
  sample: |
    _25._tcp.mx.example.org. 3600 IN TLSA 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
option:
  description: The option that cannot be used. Nothing was changed.
  returned: when an option cannot be used
  type: str
  sample: allow_empty
error:
  description:
    - Why the server did not do it. C(kind) is one of V(unreachable), V(timeout), V(disconnected), V(malformed_reply),
      V(unsigned_reply), V(bad_key), V(bad_signature), V(bad_time), V(refused), V(not_authoritative), V(not_zone),
      V(server_failure), V(not_implemented), V(format_error), V(other_rcode), V(alias), V(conflict) and V(not_shown).
    - When it failed after some of it had been done, C(changed) is true, and the other values are there for what was done.
  returned: when the server did not do it
  type: dict
  sample: {kind: bad_key, text: 'the server does not know the key tlsa-update with the algorithm hmac-sha256, or not for this (BADKEY)'}
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_publish.arguments import (
    exclusions,
    needed_libraries,
    publish_arguments,
)
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_publish.run import run_publish


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=publish_arguments(), supports_check_mode=True, **exclusions())
    run_task(
        module,
        lambda: run_publish(module.params, check_mode=module.check_mode),
        libraries=needed_libraries(module.params),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
