#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_domain_info
short_description: Tell what mail domains publish in DNS and on the web, what is wrong with it, and who can deliver to them
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Looks at everything that makes a domain a mail domain. That is MX, SPF, DKIM, DMARC, MTA-STS, TLSRPT, DANE, CAA, SRV, autoconfig,
    autodiscover, BIMI, block lists and name servers.
  - Each finding says why it matters and what to do. It has the section of the RFC that it follows from.
  - It also tells which kinds of sending servers can deliver now, and in what protection. See RV(results[].senders).
  - Four states are kept apart. A record is there, absent, broken, or could not be asked for. A name server that fails is no absent
    record.
  - What a domain does wrong is a result, never a failure of the task. The task fails only when an option cannot be used, and then nothing
    has been asked, or when O(expect) is not met.
notes:
  - The module runs where its task runs, and sees what that machine sees. Behind a firewall that blocks port 25 every exchange is down.
  - No mail is sent and nobody logs in.
  - The names that documents and SRV records contain are chosen by the owner of the domain. So only global addresses are connected to
    unless O(allow_private_addresses) says otherwise.
  - DNSSEC counts only with a resolver that validates, see O(trust_ad).
requirements:
  - dnspython >= 2.1
  - pyOpenSSL >= 21.0
  - cryptography >= 36.0
  - idna, for names with letters outside ASCII
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
  - mailops.tls.dns
  - mailops.tls.fleet
  - mailops.tls.fleet.returned
  - mailops.tls.fleet.stream
  - mailops.tls.fleet.detail
options:
  domains:
    description:
      - The domains to look at. A mail address stands for its domain.
      - Of more than one, what is none becomes a result with C(error.kind) V(invalid_destination). A single one fails the task.
      - Either this or O(domains_file) is needed.
    type: list
    elements: str
    aliases: [domain]
  domains_file:
    description:
      - A file on the machine that probes with one domain a line, however many. It may be compressed with gzip. Blank lines and lines with
        C(#) in front are passed over. Of a table the first column counts, up to a comma, semicolon or blank.
      - A domain is looked at once, in whatever spelling the file repeats it.
      - The order is shuffled, twenty thousand lines at a time, so that a provider's domains do not come together. The same O(run_id)
        gives the same order.
      - A line that is no domain is a result with C(error.kind) V(invalid_destination), also a single one.
    type: path
  checks:
    description:
      - What to look at. Parts that are left out are C(null) in results, or empty.
      - V(senders) connects to the addresses of the exchanges, three times to each, to at most 60 of a domain. V(dane) and V(mta_sts)
        judge their certificates by the same connections.
      - V(dnsbl) asks the operators of the lists in O(dnsbl). Naming lists there is enough.
    type: list
    elements: str
    choices: [mx, spf, dkim, dmarc, mta_sts, tlsrpt, dane, caa, srv, autoconfig, autodiscover, bimi, dnsbl, ns, senders]
    default: [mx, spf, dkim, dmarc, mta_sts, tlsrpt, dane, caa, srv, autoconfig, autodiscover, bimi, ns, senders]
  dkim_selectors:
    description:
      - The DKIM keys to look up, each as C(selector), or as C(selector@example.org) for one domain only.
      - DNS cannot tell which selectors there are. A signed message names its own in C(s=).
    type: list
    elements: str
  dkim_expected:
    description:
      - The record that a selector has to have, such as the one that a hoster asks for. Keys are as in O(dkim_selectors), values the text.
      - Records are compared by their tags. A record that differs is a difference from O(expect), and the task fails.
    type: dict
  dnsbl:
    description:
      - Zones of block lists to ask about O(sending_addresses), or about the addresses of the exchanges without any.
    type: list
    elements: str
  sending_addresses:
    description:
      - Addresses that send mail for the domains. For each the result of SPF is worked out, and PTR records and block lists are looked up.
    type: list
    elements: str
  compare_nameservers:
    description:
      - Name servers, written as in O(nameservers), to ask the same questions. What differs is in RV(results[].propagation).
    type: list
    elements: str
  expected_down:
    description:
      - Exchanges that may be down by design, as some backup exchanges are. That one does not answer is a notice then. While it takes no
        mail it does not count in RV(results[].senders).
    type: list
    elements: str
  probe_announced:
    description:
      - Whether to connect to the servers that SRV records, autoconfig and autodiscover announce, and to judge their TLS.
      - Up to 30 servers of a domain are, at two IPv4 and two IPv6 addresses each. The finding C(addresses_left_out) tells of others.
    type: bool
    default: true
  dmarc_discovery:
    description:
      - How to find the organizational domain.
      - V(tree_walk) is the walk up the tree of RFC 9989. V(psl) is the list of public suffixes that older software goes by. V(both) walks,
        and tells when the list says something else.
      - The list is read from C(/usr/share/publicsuffix/public_suffix_list.dat) of the machine that probes. Without that file the walk is
        all there is.
    type: str
    choices: [tree_walk, psl, both]
    default: both
  http_timeout:
    description:
      - Seconds that fetching one document may take, redirects included.
    type: float
    default: 10
  document_limit:
    description:
      - The most bytes of a document, after decompression. A longer one is not read.
    type: int
    default: 65536
  allow_private_addresses:
    description:
      - Whether to connect to addresses that are not global, such as C(192.168.1.1), too. Say so only for domains of your own.
    type: bool
    default: false
  mailbox_example:
    description:
      - The mail address to ask autoconfig and autodiscover for. The default is C(postmaster) of each domain.
    type: str
  ignore:
    description:
      - Ids of findings to leave out, because they are known and meant.
    type: list
    elements: str
  ehlo_name:
    description:
      - The name to send with EHLO. The default is the host name of the machine that probes.
    type: str
  address_family:
    description:
      - V(ipv4) or V(ipv6) put addresses of that family first.
    type: str
    choices: [any, ipv4, ipv6]
    default: any
  ca_file:
    description:
      - File of PEM certificates of the certification authorities to trust.
    type: path
  ca_path:
    description:
      - Directory of PEM certificates of the certification authorities to trust, prepared with C(openssl rehash).
    type: path
  system_ca:
    description:
      - Whether to trust the certification authorities that OpenSSL on the machine that probes trusts.
    type: bool
    default: true
  connect_timeout:
    description:
      - Seconds a server may take to accept a connection, and again to send its greeting.
    type: float
    default: 30
  command_timeout:
    description:
      - Seconds a server may take for each command, reply and for the TLS handshake.
    type: float
    default: 30
  deadline:
    description:
      - Seconds that the probe of one endpoint may take altogether.
    type: float
    default: 120
  expect:
    description:
      - What every domain has to look like. The task fails and says what differs unless all do, so that C(retries) and C(until) can wait
        for a change to arrive.
      - A mapping in the shape of an item of RV(results) with only the items that matter. Known are C(worst), C(role), C(senders), C(zone),
        C(mx), C(spf), C(dkim), C(dmarc), C(mta_sts), C(tlsrpt), C(dane), C(caa), C(autoconfig), C(autodiscover), C(dnsbl) and
        C(propagation).
      - C(worst) is the worst severity that will do. A list names all values that will do. Of parts that are lists every item has to be so.
      - In C(senders) each kind of sender has the least protection that will do, V(none), V(encrypted) or V(verified), at every exchange. It
        can also be an outcome, such as V(delivered).
    type: dict
seealso:
  - module: mailops.tls.smtp_tls_probe
  - module: mailops.tls.mailbox_tls_probe
  - module: mailops.tls.tlsa_info
"""

EXAMPLES = r"""
- name: What is wrong with our mail domain?
  mailops.tls.mail_domain_info:
    domain: example.org
    dkim_selectors: [mail2026]
  register: mail

- name: Show it, with what to do about each
  ansible.builtin.debug:
    var: mail.report

- name: Who can deliver to us now?
  ansible.builtin.debug:
    var: mail.results[0].senders

- name: A rollout must leave every DANE sender with a verified connection
  mailops.tls.mail_domain_info:
    domain: example.org
    checks: [mx, senders]
    expect:
      senders:
        dane: verified
        opportunistic: encrypted

- name: Nothing worse than a notice, and mail that fails DMARC is rejected
  mailops.tls.mail_domain_info:
    domains: [example.org, example.net]
    expect:
      worst: notice
      dmarc:
        applied_policy: reject

- name: Has our hoster's key arrived at all name servers?
  mailops.tls.mail_domain_info:
    domain: example.org
    checks: [dkim, ns]
    dkim_selectors: [key1]
    dkim_expected:
      key1: "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"
    compare_nameservers: [192.0.2.53, 198.51.100.53]

- name: May this address send for us, and is it on a block list?
  mailops.tls.mail_domain_info:
    domain: example.org
    checks: [spf, mx]
    sending_addresses: [192.0.2.25]
    dnsbl: [zen.example.net]
  register: mail

- name: A night's audit of many domains, a line each
  mailops.tls.mail_domain_info:
    domains_file: /etc/audit/domains.txt
    checks: [mx, spf, dmarc, mta_sts, tlsrpt, caa]
    results_file: /var/lib/audit/domains.jsonl
    resume: true
"""

RETURN = r"""
results:
  description:
    - One item per domain, in the order given. Which ones is up to O(return).
  returned: success, or when O(expect) is not met
  type: list
  elements: dict
  contains:
    domain:
      description: The domain as given.
      type: str
      sample: example.org
    error:
      description: Why nothing could be looked at, or none.
      type: dict
      sample: null
    worst:
      description: The severity of the worst finding in C(lint), V(error), V(warning) or V(notice), and V(ok) without any.
      type: str
      sample: warning
    role:
      description:
        - What the domain is for, by its MX, SPF and DMARC records. V(sends_and_receives), V(receives_only), V(sends_only), V(parked), or
          V(unknown) where those were not looked at or could not be asked for.
      type: str
      sample: sends_and_receives
    zone:
      description:
        - The zone of the domain and all its name servers. C(agreed) is whether they have the same serial and the same answers.
      type: dict
      sample:
        secure: true
        apex: example.org
        soa: {mname: ns1.example.org, rname: hostmaster.example.org, serial: 7, refresh: 3600, retry: 900, expire: 1209600, minimum: 300}
        servers:
          - {server: ns1.example.org, address: 192.0.2.53, status: found, serial: 7, authoritative: true, error: null}
        agreed: true
    mx:
      description:
        - The exchanges by preference, with their addresses, and whether each address has a PTR record that leads back to it (C(fcrdns)).
        - C(implicit) means that there is no MX record and the domain's own addresses take its place. C(probe) is the endpoint as in
          RV(mailops.tls.smtp_tls_probe#module:results[].endpoints[]), or none where it was not connected to.
      type: dict
      sample:
        found: true
        null_mx: false
        implicit: false
        secure: true
        ttl: 3600
        exchanges:
          - preference: 10
            exchange: mx.example.org
            alias: false
            addresses: [{address: 192.0.2.1, ptr: [mx.example.org], fcrdns: true}]
            probe: null
            expected_down: false
    spf:
      description:
        - The SPF record. C(status) is V(valid), V(permerror), V(temperror), V(none), V(multiple), or V(macro) when lookups can be counted
          only with a message; C(lookups) is the least number then.
        - C(terms) and C(includes) are what was counted, C(networks) what may send, C(evaluated) the result for O(sending_addresses).
      type: dict
      sample:
        status: valid
        records: ['v=spf1 mx -all']
        record: 'v=spf1 mx -all'
        lookups: 1
        void_lookups: 0
        all: fail
        redirect: null
        size: 14
        includes: []
        terms:
          - {term: mx, mechanism: mx, qualifier: pass, value: null, lookups: 1, void: 0}
        networks: [192.0.2.1/32]
        evaluated: []
        error: null
    dkim:
      description: One item per selector. C(status) is V(valid), V(revoked), V(invalid), V(missing), V(multiple) or V(error).
      type: list
      elements: dict
      sample:
        - selector: mail2026
          owner: mail2026._domainkey.example.org
          canonical_owner: mail2026._domainkey.example.org
          status: valid
          record: 'v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo='
          strings: 1
          key_type: ed25519
          key_bits: 256
          key_format: raw
          tags: {v: DKIM1, k: ed25519}
          flags: []
          services: ['*']
          hashes: []
          testing: false
          error: null
    dmarc:
      description:
        - The DMARC record that counts, where it was found (C(location)) and what receivers apply (C(applied_policy)). C(status) is
          V(valid), V(invalid), V(none), V(multiple) or V(error).
        - Of each address for reports, C(authorized) is whether a domain that is not ours takes them.
      type: dict
      sample:
        status: valid
        location: example.org
        policy: reject
        applied_policy: reject
        adkim: r
        aspf: r
        error: null
    mta_sts:
      description: The MTA-STS record, the policy with the verdict on its web server, and how the exchanges fit it.
      type: dict
      sample:
        status: valid
        txt: {found: true, records: ['v=STSv1; id=20261101'], id: '20261101'}
        policy: {url: 'https://mta-sts.example.org/.well-known/mta-sts.txt', mode: enforce, mx: [mx.example.org], max_age: 604800}
        exchanges:
          - {exchange: mx.example.org, pattern: mx.example.org, matched: true, certificate_valid: true}
        error: null
    tlsrpt:
      description: The record that asks for reports about TLS.
      type: dict
      sample: {status: valid, record: 'v=TLSRPTv1; rua=mailto:tls@example.org', rua: [], error: null}
    dane:
      description: The TLSA records of every exchange.
      type: list
      elements: dict
      sample:
        - {exchange: mx.example.org, port: 25, lookup: found, secure: true, records: []}
    caa:
      description: The CAA records that certification authorities go by, and where they were found.
      type: dict
      sample: {found_at: example.org, records: [], issue: [ca.example.net], issuewild: null, issuemail: null, iodef: []}
    srv:
      description: The SRV records of mail services, each with the endpoint of M(mailops.tls.mailbox_tls_probe) in C(probe).
      type: list
      elements: dict
      sample: []
    autoconfig:
      description:
        - What mail programs set accounts up by. C(sources) are the places that were asked, C(servers) what the first good one says.
      type: dict
      sample: {status: none, sources: [], source: null, servers: []}
    autodiscover:
      description: The same for Outlook, in the same shape.
      type: dict
      sample: {status: none, sources: [], source: null, servers: []}
    bimi:
      description: The BIMI record, of which only the syntax is looked at.
      type: dict
      sample: {status: none}
    dnsbl:
      description: What the block lists say about each address. V(blocked) means that the list does not answer our resolver.
      type: list
      elements: dict
      sample: []
    propagation:
      description: In what each of O(compare_nameservers) differs from the resolver.
      type: list
      elements: dict
      sample:
        - {nameserver: 192.0.2.53, agreed: true, differences: []}
    senders:
      description:
        - Who can deliver now, by kind of sender. V(no_tls) never uses TLS, V(opportunistic) wherever it is offered. V(mta_sts), V(dane)
          and V(dane_and_mta_sts) do as the domain's policies say. V(mandatory) always wants a certificate of a trusted authority.
        - C(outcome) is V(delivered), V(partly) (some exchanges or addresses take it, so it arrives), V(delayed), V(refused), or V(unknown)
          where we could not look. C(protection) is the weakest that mail gets, V(none), V(encrypted) or V(verified).
        - C(fact) says why. A sender is taken to have no policy in a cache. Whether a server takes mail without TLS is not tried.
        - Addresses to which this machine has no route are V(unknown), as those of IPv6 are for many.
        - C(has_dns_name) tells whether the certificate has a name in C(subjectAltName), without which MTA-STS refuses it. It is V(null)
          where no certificate was seen.
      type: dict
      sample:
        dane:
          outcome: delivered
          protection: verified
          fact: 'mx.example.org: a TLSA record matches'
          exchanges:
            - exchange: mx.example.org
              address: 192.0.2.1
              preference: 10
              outcome: delivered
              protection: verified
              fact: a TLSA record matches
              expected_down: false
              has_dns_name: true
    lint:
      description: What is wrong, the worst first.
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
          description: The owner name, host or URL that it is about.
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
      sample: []
summary:
  description: How many domains there are, by the severity of their worst finding.
  returned: success, or when O(expect) is not met
  type: dict
  sample: {domains: 1, by_worst: {warning: 1}}
report:
  description: A page about each domain, to be read in a terminal.
  returned: success, or when O(expect) is not met
  type: list
  elements: str
resumed:
  description:
    - How many results are from the O(results_file), and when the first of them was looked at (UTC), none without any.
  returned: when O(resume) is true, outside of check mode
  type: dict
  sample: {results: 1200, oldest: '2026-05-04T12:00:00Z'}
unmet:
  description: What differs from O(expect) and O(dkim_expected), one item for each difference, not more than O(report_max).
  returned: when there is a difference
  type: list
  elements: dict
  sample:
    - domain: example.org
      endpoint: ''
      item: dmarc.policy
      expected: reject
      found: none
      because: null
unmet_total:
  description: How many differences there are.
  returned: when there is a difference
  type: int
  sample: 1
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.arguments import domain_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_domain_info.run import run_domain_look
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=domain_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_domain_look(module.params, check_mode=module.check_mode),
        libraries=("dnspython", "pyOpenSSL", "cryptography"),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
