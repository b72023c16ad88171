#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: tlsa_info
short_description: TLSA records as every authoritative name server and a validating resolver have them
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Asks for the TLSA RRset (RFC 6698) of a host and port. It asks every address of every authoritative name server of the zone directly,
    and a resolver too. It returns what each of them has, whether they agree, and mistakes (RV(results[].lint)).
  - With O(expect) it waits for a change to arrive everywhere, in one task with C(retries).
  - A name server that is dead, lame or wrong is a finding and never an error of the task. What could not be learnt never counts as absent.
  - Name servers are those of the delegation, of the zone itself as the resolver has it, and of the zone as each server has it. Their
    addresses are those of DNS and of the glue. Aliases (CNAME) are followed, and the servers of their zones are asked for them.
notes:
  - The machine must be able to send DNS questions to the name servers of the zone and of its parent. Where it cannot, use
    O(authoritative_servers_only), or run the task on another machine.
  - A name server's address to which the machine has no route is not asked and counts as an error. An IPv6 address where there is no IPv6
    is one. With O(address_family=routed) it is left out and named, if its server answers at another address.
  - Whether the answer of the resolver is validated counts only if it is believed; see O(trust_ad).
requirements:
  - dnspython >= 2.1
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
  - mailops.tls.dns
options:
  hosts:
    description:
      - The host names whose records to look at, those that exchanges in MX records have.
      - At least one of O(hosts), O(owners) and O(expect) is required.
    type: list
    elements: str
    aliases: [host]
  ports:
    description:
      - The ports of O(hosts).
    type: list
    elements: int
    default: [25]
    aliases: [port]
  protocol:
    description:
      - The transport protocol of O(ports).
    type: str
    choices: [tcp, udp, sctp]
    default: tcp
  owners:
    description:
      - Names of RRsets to look at, as V(_25._tcp.mx.example.org).
    type: list
    elements: str
    aliases: [owner]
  expect:
    description:
      - What has to be in DNS. The task fails and says in RV(unmet) what differs unless every name server has it so, so that C(retries)
        and C(until) can wait for it.
      - A name server that does not answer, or whose answer cannot be used, does not meet it.
      - Its owners are looked at besides O(hosts) and O(owners).
    type: dict
    suboptions:
      present:
        description:
          - Records that all servers have to have. Others may be there too.
          - The items are those of RV(mailops.tls.tlsa_records#module:records), RV(mailops.tls.tlsa_records#module:record_sets) or
            RV(mailops.tls.tlsa_records#module:single_records). Their TTL does not matter.
        type: list
        elements: dict
        suboptions: &record
          owner:
            description:
              - The name of the RRset.
            type: str
            required: true
            aliases: [record]
          rdata:
            description:
              - The RDATA as text, or a list of texts.
            type: raw
            aliases: [value]
          usage:
            description:
              - The certificate usage, with the other three fields in place of the RDATA as text.
            type: int
          selector:
            description:
              - The selector.
            type: int
          matching_type:
            description:
              - The matching type.
            type: int
          data:
            description:
              - The association data in hexadecimal.
            type: str
          ttl:
            description:
              - Not used.
            type: int
          type:
            description:
              - The type of the record.
            type: str
            choices: [TLSA]
          rdata_rfc3597:
            description:
              - Not used.
            type: str
          host:
            description:
              - Not used.
            type: str
          port:
            description:
              - Not used.
            type: int
          protocol:
            description:
              - Not used.
            type: str
          alias_target:
            description:
              - The owner is a name without port and protocol, to which an alias leads.
            type: bool
          sources:
            description:
              - Not used.
            type: list
            elements: str
      absent:
        description:
          - Records that no server may have, in the same form.
        type: list
        elements: dict
        suboptions: *record
      resolver:
        description:
          - Whether the resolver has to have it so as well. It may have an older answer for as long as the TTL.
        type: bool
        default: true
      secure:
        description:
          - Whether the resolver's answer has to be validated with DNSSEC.
        type: bool
        default: false
  authoritative_servers:
    description:
      - Name servers to ask besides those that DNS names, for example a hidden primary, each as address or C(address@port). They are asked
        for the records of all owners.
    type: list
    elements: str
  authoritative_servers_only:
    description:
      - Ask O(authoritative_servers) in place of those that DNS names. Then nothing is known about those that others use, and servers of
        the zones of aliases are not asked.
    type: bool
    default: false
  address_family:
    description:
      - The addresses of name servers to ask.
      - With V(ipv4) and V(ipv6) nothing is known about what servers say at the other ones, and servers that have only such are not asked.
      - With V(routed) all are asked to which this machine has a route. The others are in
        RV(results[].not_tried) if their server answered at another address, and else an error.
    type: str
    choices: [any, ipv4, ipv6, routed]
    default: any
  timeout:
    description:
      - Seconds that a server may take to answer by UDP, and then again by TCP. One that did not is not asked any more in the same task.
    type: float
    default: 5
  deadline:
    description:
      - Seconds that all questions about one owner may take.
    type: float
    default: 60
  concurrency:
    description:
      - How many questions may be on their way at the same time. To one address there are never more than four.
    type: int
    default: 64
seealso:
  - module: mailops.tls.tlsa_records
  - module: mailops.tls.tlsa_publish
  - module: mailops.tls.smtp_tls_probe
"""

EXAMPLES = r"""
- name: Look at the TLSA records of two mail servers
  mailops.tls.tlsa_info:
    hosts: [mx1.example.org, mx2.example.org]
  register: tlsa

- name: Show what does not fit together
  ansible.builtin.debug:
    msg: "{{ item.differences + item.lint | map(attribute='text') }}"
  loop: "{{ tlsa.results }}"
  loop_control:
    label: "{{ item.owner }}"

- name: Make the record of a new key
  mailops.tls.tlsa_records:
    host: mx1.example.org
    publickey_path: /etc/ssl/mx1.example.org.next.pub
  register: next

# Publish it here. Then wait until every name server has it and no resolver can have the old RRset any more
- name: Wait until all name servers have the new record
  mailops.tls.tlsa_info:
    expect:
      present: "{{ next.records }}"
  register: arrived
  retries: 60
  delay: 10
  until: arrived is succeeded

- name: Wait until the name servers agree, whatever they have
  mailops.tls.tlsa_info:
    host: mx1.example.org
    ports: [25, 465]
  register: tlsa
  retries: 60
  delay: 10
  until: tlsa.agreed

- name: Has the hidden primary given the record up already?
  mailops.tls.tlsa_info:
    authoritative_servers: 192.0.2.53
    authoritative_servers_only: true
    expect:
      absent:
        - owner: _25._tcp.mx1.example.org
          rdata: 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
      resolver: false
"""

RETURN = r"""
results:
  description: One item for each owner, those of O(hosts) after O(owners), then those of O(expect).
  returned: success, or when O(expect) is not met
  type: list
  elements: dict
  contains:
    owner:
      description: The name of the RRset, in lower case and absolute.
      type: str
      sample: _25._tcp.mx.example.org.
    canonical_owner:
      description: Where its aliases lead; the owner itself when there are none.
      type: str
      sample: _25._tcp.mx.example.org.
    zone:
      description: The zone that the canonical owner is in; none when it could not be learnt.
      type: str
      sample: example.org.
    agreed:
      description:
        - Whether everything could be learnt, all name servers have the same records, or none, and the resolver has them too.
      type: bool
      sample: false
    servers_agree:
      description: The same without the resolver.
      type: bool
      sample: false
    records:
      description:
        - Every record that any name server has, with C(owner), C(ttl), C(usage), C(selector), C(matching_type), C(data), C(rdata)
          and C(rdata_rfc3597) as in RV(mailops.tls.tlsa_records#module:records). They can be given to M(mailops.tls.tlsa_publish).
      type: list
      elements: dict
      sample:
        - owner: _25._tcp.mx.example.org.
          ttl: 3600
          usage: 3
          selector: 1
          matching_type: 1
          data: 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
          rdata: 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
          rdata_rfc3597: \# 35 0301018bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
    aliases:
      description: The CNAME records on the way, with C(owner), C(target) and C(secure).
      type: list
      elements: dict
      sample: []
    not_tried:
      description: Addresses without a route from here that were left out, with C(server) and C(address). See O(address_family).
      type: list
      elements: dict
      sample: []
    servers:
      description: Every address of every name server.
      type: list
      elements: dict
      contains:
        server:
          description: The name of the server, or its address for one of O(authoritative_servers).
          type: str
          sample: ns1.example.net
        address:
          description: The address that was asked; none when the server has no address.
          type: str
          sample: 192.0.2.1
        status:
          description:
            - V(found), V(nodata) or V(nxdomain) when the server said with authority what it has, else V(error).
          type: str
          sample: found
        authoritative:
          description: Whether its reply had the flag AA.
          type: bool
          sample: true
        records:
          description: The RDATA of the records that it has, sorted.
          type: list
          elements: str
          sample: [3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922]
        lacks:
          description: The RDATA of the records that others have and it certainly does not.
          type: list
          elements: str
          sample: []
        ttl:
          description: The TTL of the RRset in seconds.
          type: int
          sample: 3600
        negative_ttl:
          description: How many seconds resolvers may remember that there is no RRset, where there is none.
          type: int
          sample: null
        serial:
          description: The serial number of its copy of the zone.
          type: int
          sample: 2026112101
        serial_behind:
          description: By how much that is lower than the highest one of all servers.
          type: int
          sample: 0
        signatures:
          description:
            - The RRSIG records of the RRset, with C(algorithm), C(key_tag), C(signer), C(inception), C(expiration) (ISO 8601, UTC) and
              C(original_ttl). They are not verified here; the resolver does that.
          type: list
          elements: dict
          sample:
            - algorithm: 13
              key_tag: 4711
              signer: example.org.
              inception: '2026-11-20T00:00:00Z'
              expiration: '2026-12-04T00:00:00Z'
              original_ttl: 3600
        error:
          description: Why its status is V(error).
          type: str
          sample: null
    resolver:
      description:
        - What the resolver says, with C(status), C(records), C(ttl) and C(error) as for a name server. C(secure) tells whether the answer
          is validated by a resolver that is believed, C(ad_untrusted) whether one that is not believed says so.
      type: dict
      sample:
        status: found
        records: [3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922]
        secure: true
        ad_untrusted: false
        ttl: 2817
        error: null
    differences:
      description: In words, why C(agreed) is false; empty when it is true.
      type: list
      elements: str
      sample: [ns2.example.net (192.0.2.2) lacks 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922]
    lint:
      description:
        - Mistakes, each with an C(id), the C(subject) it is about and a C(text).
        - In records, V(pkix_usage_on_smtp), V(malformed_record), V(empty_input_digest) and V(selector0_with_renewal).
        - In DNSSEC, V(tlsa_zone_insecure), V(insecure_cname_hop), V(signature_near_expiry) (six hours or two TTLs before the end) and
          V(resolver_not_validating).
        - In servers, V(server_failure_on_some_ns), V(server_not_tried),
          V(secondary_lag), V(empty_nonterminal_nxdomain), V(ns_set_mismatch), V(glue_mismatch),
          V(alias_mismatch) and V(resolver_failure).
        - In TTLs, V(ttl_too_high) above a day and V(ttl_too_low) below a minute.
      type: list
      elements: dict
      contains:
        id:
          description: Which finding it is. R(The page of findings,ansible_collections.mailops.tls.docsite.findings) explains each.
          type: str
        severity:
          description: How bad it is.
          choices: [error, warning, notice]
          type: str
        subject:
          description: What it is about; empty for the whole.
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
        - id: secondary_lag
          severity: warning
          subject: ns2.example.net (192.0.2.2)
          text: it has serial 2026112100, 1 behind others
          why: Some senders still get the old records. They would refuse a key that only the new records match.
          fix: 'Check the zone transfer: NOTIFY, TSIG keys, a full disk. Compare the serials of the zone.'
          reference: RFC 1996 section 3
    error:
      description: Why the name servers, or all their addresses, could not be learnt; then V(agreed) is false.
      type: str
      sample: null
agreed:
  description: Whether RV(results[].agreed) is true for all owners.
  returned: success, or when O(expect) is not met
  type: bool
  sample: false
expectation_met:
  description: Whether everything is as O(expect) says.
  returned: with O(expect)
  type: bool
  sample: false
unmet:
  description:
    - What is not as O(expect) says, with C(owner), C(rdata), C(expected), C(place) and C(reason). C(rdata) is none when it is about all
      records. C(expected) is V(present) or V(absent). C(place) is a name server, V(resolver), or none.
  returned: with O(expect)
  type: list
  elements: dict
  sample:
    - owner: _25._tcp.mx.example.org.
      rdata: 3 1 1 8bd1da95272f7fa4ffb24137fc0ed03aae67e5c4d8b3c50734e1050a7920b922
      expected: present
      place: ns2.example.net (192.0.2.2)
      reason: does not have it
option:
  description: The option that cannot be used.
  returned: when an option cannot be used
  type: str
  sample: hosts
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_info.arguments import NEEDED, info_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_info.run import run_tlsa_info


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=info_arguments(), required_one_of=[NEEDED], supports_check_mode=True)
    run_task(module, lambda: run_tlsa_info(module.params), libraries=("dnspython",), missing=missing_required_lib)


if __name__ == "__main__":
    main()
