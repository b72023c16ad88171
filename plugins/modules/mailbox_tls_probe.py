#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mailbox_tls_probe
short_description: Judge the TLS of IMAP, POP3, ManageSieve and submission servers as a mail client would
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Connects to the services that mail clients use, with STARTTLS and with implicit TLS. It tells of each address what it offers before
    and inside TLS. It also tells whether a client may trust the certificate with a password.
  - A host is asked at the ports of O(services). Of a domain the SRV records are looked up (RFC 6186, RFC 8314, RFC 5804), and every
    server that they announce is asked.
  - The chain, the verdict, TLSA records and limits are those of M(mailops.tls.smtp_tls_probe).
  - What a server or a resolver does wrong is a result with an C(error), never a failure of the task. The task fails only when an option
    cannot be used, and then nothing has been probed, or when O(expect) is not met.
  - Nobody logs in, and no mail is sent. The module asks for capabilities, begins TLS, asks again and takes its leave.
notes:
  - The module runs where its task runs. Probing from the controller needs C(delegate_to=localhost) or a play on C(localhost).
  - A service whose port is closed does not count in the verdict on its target, unless all of them are closed. It does count in
    O(expect), so name the O(services) that have to run there.
  - At V(dane) and V(dane-only) a nameserver has to validate with DNSSEC. Without that the C(error.kind) is V(dnssec_unavailable).
requirements:
  - dnspython >= 2.1
  - pyOpenSSL >= 21.0
  - cryptography >= 36.0
  - idna, for names with letters outside ASCII
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
  - mailops.tls.verification
  - mailops.tls.tls_client
  - mailops.tls.dns
  - mailops.tls.fleet
  - mailops.tls.fleet.servers
  - mailops.tls.fleet.returned
  - mailops.tls.fleet.stream
  - mailops.tls.scan
  - mailops.tls.fleet.detail
options:
  hosts:
    description:
      - Servers to probe, each as C(mail.example.org), C(192.0.2.1) or C([2001:db8::1]). All addresses of a name are asked.
      - With a port, as C(mail.example.org:993), only the service that has this port is asked. A port of no service needs exactly one
        item in O(services).
      - Of more than one host or domain, what is none becomes a result with C(error.kind) V(invalid_destination). A single one fails
        the task.
      - At least one of O(hosts), O(domains), O(hosts_file) and O(domains_file) is needed.
    type: list
    elements: str
    aliases: [host]
  domains:
    description:
      - Mail domains whose SRV records tell the servers, as C(_imaps._tcp.example.org). A mail address stands for its domain.
      - All records are asked, whatever their priority.
    type: list
    elements: str
    aliases: [domain]
  services:
    description:
      - What to ask for. V(imap) (143), V(pop3) (110), V(sieve) (4190), V(submission) (587), V(smtp) (25) and V(lmtp) (24) begin TLS with
        STARTTLS. V(imaps) (993), V(pop3s) (995) and V(submissions) (465) begin with the handshake.
      - V(smtp) and V(lmtp) are not announced by SRV records, so they are asked of O(hosts) only.
    type: list
    elements: str
    choices: [imap, imaps, pop3, pop3s, sieve, submission, submissions, smtp, lmtp]
    default: [imaps, submissions, pop3s, imap, submission, pop3, sieve]
  ports:
    description:
      - V(all) connects to the ports 24, 25, 110, 143, 465, 587, 993, 995 and 4190 of every address, whatever O(services) says. It tells
        in RV(results[].ports) which take connections.
    type: str
    choices: [services, all]
    default: services
  security_level:
    description:
      - What a client asks of a server.
      - V(none) begins no TLS where that takes STARTTLS. V(encrypt) needs TLS, with any certificate.
      - V(fingerprint) needs a certificate or public key whose digest is in O(match).
      - V(verify) needs a certificate of a trusted authority for the host, see O(match).
      - V(dane) needs a match with the TLSA records where they are found with DNSSEC, and is V(verify) elsewhere. V(dane-only) needs them.
      - Behind SRV records that were not validated TLSA records do not count (RFC 7673).
    type: str
    choices: [none, encrypt, fingerprint, verify, dane, dane-only]
    default: verify
  match:
    description:
      - What the certificate has to match.
      - At V(verify) these are names. The default is the name of the host. For a server out of SRV records the domain will do as
        well (RFC 7817, RFC 6186 section 6). It can be a DNS name or an SRV name, as C(_imaps.example.org).
      - V(hostname) stands for the name of the server, V(nexthop) for the host or domain as given. A name with a leading dot stands for any
        name below it.
      - At V(fingerprint), digests in hexadecimal, of the certificate or its public key, with or without colons. At least one is needed.
      - Not used when TLSA records decide.
    type: list
    elements: str
  strict:
    description:
      - Whether to ask for capabilities before TLS only where the greeting told none. Some servers tell more when they are asked, and
        others count commands.
    type: bool
    default: false
  injection_test:
    description:
      - Whether to test for command injection, on a connection of its own. One harmless command is sent in plaintext right behind STARTTLS.
        A reply to it inside TLS is the finding V(starttls_command_injection).
      - Only with IMAP, POP3 and ManageSieve.
    type: bool
    default: false
  host_lookup:
    description:
      - How to look up the addresses of hosts, in this order.
      - V(native) asks the system (C(/etc/hosts) and the like), which knows nothing of DNSSEC. After V(dns) it is only tried for hosts
        that DNS says do not exist.
    type: list
    elements: str
    choices: [dns, native]
    default: [dns]
  address_family:
    description:
      - V(ipv4) or V(ipv6) put addresses of that family first.
    type: str
    choices: [any, ipv4, ipv6]
    default: any
  ehlo_name:
    description:
      - The name to send with EHLO. The default is the host name of the machine that probes.
    type: str
  system_ca:
    description:
      - Whether to trust the certification authorities that OpenSSL on the machine that probes trusts.
    type: bool
    default: true
  sni:
    description:
      - The server name to send in the TLS handshake in place of the host's name. For an address none is sent by default.
      - When TLSA records are used, the TLSA base domain is sent instead.
    type: str
  expect:
    description:
      - What every endpoint has to look like. The task fails and says what differs unless all do, so that C(retries) and C(until) can
        wait for a change to arrive.
      - A mapping in the shape of an item of RV(results[].endpoints[]) with only the items that matter. Known are C(service), C(protocol),
        C(tls_mode), C(host), C(address), C(port), C(port_state), C(status), C(satisfied), C(greeting), C(greeting_status), C(apop),
        C(starttls_offered), C(injected_plaintext), C(command_injected), C(error), C(tls), C(verification), C(tlsa),
        C(capabilities), C(auth_mechanisms) and C(password_login).
      - A list names all values that will do. C(min_days_left) is the least number of days that the server's certificate must still be
        valid. C(error) can be just an error kind; C(null) means none.
      - A service that is asked for and does not run is an endpoint with status V(failed). Name in O(services) those that have to run.
      - A target without any endpoint meets only what its own C(status), C(satisfied) and C(error) do.
    type: dict
seealso:
  - module: mailops.tls.smtp_tls_probe
  - name: RFC 8314
    description: Cleartext considered obsolete, use of TLS for email submission and access.
    link: https://www.rfc-editor.org/rfc/rfc8314
  - name: RFC 7817
    description: The names in certificates of mail servers.
    link: https://www.rfc-editor.org/rfc/rfc7817
"""

EXAMPLES = r"""
- name: Can a mail client trust this server?
  mailops.tls.mailbox_tls_probe:
    host: mail.example.org
  register: mailbox

- name: Show the verdicts, and what to mend
  ansible.builtin.debug:
    var: mailbox.report

- name: Everything that the domain announces by SRV records has to verify
  mailops.tls.mailbox_tls_probe:
    domain: example.org
    expect:
      satisfied: true

- name: IMAP and submission run, with a certificate that is good for two weeks
  mailops.tls.mailbox_tls_probe:
    hosts: [mail.example.org]
    services: [imaps, submission]
    expect:
      port_state: open
      status: verified
      min_days_left: 14

- name: Which mail ports take connections?
  mailops.tls.mailbox_tls_probe:
    host: mail.example.org
    services: [imaps]
    ports: all
  register: mailbox

- name: No password may be asked for before TLS
  mailops.tls.mailbox_tls_probe:
    host: mail.example.org
    services: [imap, pop3]
    expect:
      password_login:
        before_tls: false

- name: A server of our own, at a port of its own, against our own authority
  mailops.tls.mailbox_tls_probe:
    host: 192.0.2.25:1993
    services: [imaps]
    ca_file: /etc/ssl/our-ca.pem
    match: [mail.example.org]

- name: TLSA records have to match what the servers show
  mailops.tls.mailbox_tls_probe:
    host: mail.example.org
    services: [imaps, submission]
    security_level: dane-only
    expect:
      status: verified

- name: Ten thousand servers, in a run that can be interrupted and goes on when it is started again
  mailops.tls.mailbox_tls_probe:
    hosts_file: /srv/audit/servers.txt
    services: [imaps, submission]
    results_file: /srv/audit/servers.jsonl
    resume: true
    return: summary
    interval_per_address: 1
  register: servers

- name: What does the server accept? Its log will show up to 25 unfinished handshakes
  mailops.tls.mailbox_tls_probe:
    host: mail.example.org
    services: [imaps]
    scan: grade
  register: accepted
"""

RETURN = r"""
results:
  description: One item per host and domain, in the order given, hosts first. Which ones is up to O(return).
  returned: success, or when O(expect) is not met
  type: list
  elements: dict
  contains:
    target:
      description: The host or domain as given.
      type: str
      sample: mail.example.org
    lookup:
      description: Whether it is a host (V(host)) or a domain whose SRV records were looked up (V(srv)).
      type: str
      sample: host
    srv:
      description:
        - The SRV records. C(owner) is where one was found, C(secure) whether it was validated with DNSSEC. With C(not_offered) the domain
          says that it does not have the service. An C(error) is why nothing is known.
      type: list
      elements: dict
      sample:
        - service: imaps
          owner: _imaps._tcp.example.org
          priority: 0
          weight: 1
          port: 993
          target: mail.example.org
          secure: true
          not_offered: false
          error: null
    status:
      description:
        - The status of the worst endpoint whose port is open, V(verified), V(trusted), V(untrusted), V(anonymous), V(plaintext) or
          V(failed) from best to worst.
      type: str
      sample: verified
    satisfied:
      description:
        - Whether every endpoint whose port is open gives a client what O(security_level) asks for, and there is one.
        - It is false as well where DNS could not be asked for a service.
      type: bool
      sample: true
    error:
      description: Why there are no endpoints, why none of them could be reached, or why DNS could not be asked for some.
      type: dict
      sample: null
    worst:
      description: The severity of the worst finding in C(lint), V(error), V(warning) or V(notice), and V(ok) without any.
      type: str
      sample: ok
    warnings:
      description: What DNS did wrong on the way, and did not stand in it.
      type: list
      elements: str
      sample: []
    ports:
      description:
        - The state of every mail port of every address, V(open), V(refused), V(filtered) (no answer) or V(error). None unless
          O(ports=all).
      type: list
      elements: dict
      sample:
        - {address: 192.0.2.1, port: 143, service: imap, state: open}
    endpoints:
      description: One item for each service at each address, and one without address for each announced host that has none.
      type: list
      elements: dict
      contains:
        service:
          description: The service, as in O(services).
          type: str
          sample: imap
        protocol:
          description: What is spoken there, V(imap), V(pop3), V(managesieve), V(smtp) or V(lmtp).
          type: str
          sample: imap
        tls_mode:
          description: How TLS begins, V(starttls) or V(implicit).
          type: str
          sample: starttls
        host:
          description: The name of the server.
          type: str
          sample: mail.example.org
        address:
          description: Its address.
          type: str
          sample: 192.0.2.1
        port:
          description: The port.
          type: int
          sample: 143
        port_state:
          description: V(open), V(refused), V(filtered) or V(error).
          type: str
          sample: open
        status:
          description:
            - V(verified) when the certificate matches what the level asks for.
            - V(trusted) when it is from a trusted authority, but its name does not match or need not.
            - V(untrusted) for every other certificate, V(anonymous) for a session without one.
            - V(plaintext) when the dialogue went well without TLS, V(failed) when there was no session to judge.
          type: str
          sample: verified
        satisfied:
          description: Whether the endpoint gives a client what O(security_level) asks for.
          type: bool
          sample: true
        error:
          description:
            - What went wrong, or none. C(phase) is where, C(text) is for people, C(kind) is one of V(dns_not_found), V(dns_error),
              V(tlsa_lookup_failed), V(dnssec_unavailable), V(connect_refused), V(connect_timeout), V(connect_failed), V(timeout),
              V(disconnected), V(rejected), V(rate_limited), V(protocol_error), V(limit_exceeded), V(starttls_not_offered),
              V(starttls_rejected), V(handshake_failed).
            - A certificate that does not verify is no error here; see RV(results[].endpoints[].verification).
          type: dict
          sample: null
        greeting:
          description: The server's greeting.
          type: str
          sample: '* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready'
        greeting_status:
          description: V(ok), V(preauth), V(bye), V(no) or V(err). Of SMTP and LMTP the class of the code, as V(2xx).
          type: str
          sample: ok
        capabilities:
          description:
            - What the server offers in its greeting, before and inside TLS. Each is a mapping of keywords in upper case to their
              parameters, or none when it was not asked or did not answer. C(X=Y) is the keyword C(X) with the parameter C(Y).
          type: dict
          sample:
            greeting: {IMAP4REV1: [], STARTTLS: [], LOGINDISABLED: []}
            before_tls: {IMAP4REV1: [], STARTTLS: [], LOGINDISABLED: []}
            after_tls: {IMAP4REV1: [], AUTH: [PLAIN, LOGIN], SASL-IR: []}
        auth_mechanisms:
          description: The SASL mechanisms offered before and inside TLS, none where that is not known.
          type: dict
          sample: {before_tls: [], after_tls: [PLAIN, LOGIN]}
        password_login:
          description:
            - Whether a command takes a plain password, before and inside TLS. That is LOGIN of IMAP (no LOGINDISABLED) and USER of
              POP3. None for all other protocols.
          type: dict
          sample: {before_tls: false, after_tls: true}
        apop:
          description: Whether a POP3 server's greeting has the timestamp of APOP; none for all other protocols.
          type: bool
          sample: null
        starttls_offered:
          description: Whether STARTTLS (STLS) is offered; none where it was not looked for, as with implicit TLS.
          type: bool
          sample: true
        injected_plaintext:
          description: Bytes that came in plaintext behind the reply to STARTTLS. They were dropped; there should be none.
          type: int
          sample: 0
        command_injected:
          description:
            - Whether a command sent in plaintext was carried out inside TLS. None without O(injection_test), and where that could not be
              found out.
          type: bool
          sample: null
        unsolicited:
          description: Lines before TLS that nothing had asked for, at most 8.
          type: list
          elements: str
          sample: []
        tls:
          description:
            - The TLS session, or none. C(channel_bindings) are those that a login can use, the best first.
            - C(resumable) is whether the server gave something to resume the session with, C(ticket_lifetime) for how many seconds, none
              without a ticket. C(max_early_data) is how many bytes its ticket in TLS 1.3 allows before a handshake. None are ever sent.
          type: dict
          sample:
            established: true
            protocol: TLSv1.3
            cipher: TLS_AES_256_GCM_SHA384
            cipher_bits: 256
            group: x25519
            signature: ECDSA
            signature_digest: SHA256
            sni: mail.example.org
            alpn: null
            session_reused: false
            resumable: true
            ticket_lifetime: 7200
            max_early_data: 0
            channel_bindings: [tls-exporter, tls-server-end-point]
        chain:
          description:
            - The certificates in the order sent, the server's own first. Their shape is that of
              RV(mailops.tls.smtp_tls_probe#module:results[].endpoints[].chain).
          type: list
          elements: dict
          sample:
            - subject: CN=mail.example.org
              issuer: CN=Example CA
              not_after: '2027-01-01T00:00:00Z'
              dns_names: [mail.example.org]
              fingerprints: {certificate: {sha256: 1f2e}, public_key: {sha256: 3d4c}}
        verification:
          description:
            - How the certificate was judged, as in RV(mailops.tls.smtp_tls_probe#module:results[].endpoints[].verification).
          type: dict
          sample:
            status: verified
            requested_level: verify
            effective_level: verify
            delivery_level: verify
            reason: null
            trusted: true
            matched: true
            matched_name: mail.example.org
            depth: null
            error: null
        tlsa:
          description:
            - The TLSA records of this endpoint, as in RV(mailops.tls.smtp_tls_probe#module:results[].endpoints[].tlsa).
          type: dict
          sample:
            lookup: skipped
            base_domain: null
            owner: null
            secure: false
            ad_untrusted: false
            error: null
            records: []
        scan:
          description:
            - What the server accepts, with O(scan). None without, and where the probe did not come as far as to TLS.
            - C(mode) is O(scan), C(connections) how many there were, C(closed) how many offers were refused by hanging up.
              C(stopped) is why the scan ended early, none when it did not. C(error) is what the server did then, in the form of
              RV(results[].endpoints[].error).
            - Every other item has a C(state), V(observed) or V(not_tested). What was not tested is neither good nor bad. C(value) is what
              was seen. A list that is not C(complete) may lack some, and has none too many. C(why) is the reason for both.
            - C(versions) holds a truth value for each protocol version from V(SSLv3) to V(TLSv1.3), C(suites) the names of OpenSSL.
              All suites are asked for in V(TLSv1.3) and in the highest version below it.
            - C(levels) are the suites below TLS 1.3 by the levels V(insufficient), V(phase_out) and V(sufficient) of the Dutch NCSC
              (2025-05), with O(scan=grade) only.
            - C(preference) is V(server) or V(client), whose order of suites counts.
            - Each of C(groups) has a C(name) and the C(versions) in which it was seen. Those of Diffie-Hellman below TLS 1.3 are C(primes)
              with C(bits), C(name) (V(ffdhe2048), V(modp2048), none for one of its own) and C(value). Above
              16384 bits there is no C(value).
            - C(signature_schemes) are those of TLS 1.2, C(weak_signature) is one with SHA-1 or SHA-224, none when all are refused.
            - C(extended_master_secret), C(secure_renegotiation), C(tickets) and C(compression) are those of the highest version below TLS
              1.3. C(stapled_ocsp) and C(timestamps) are whether it sends an OCSP response and certificate timestamps.
          type: dict
          sample:
            mode: grade
            connections: 24
            closed: 0
            stopped: null
            error: null
            versions:
              TLSv1.1: {state: observed, value: false, complete: true, why: null}
              TLSv1.2: {state: observed, value: true, complete: true, why: null}
            groups:
              state: observed
              value:
                - {name: X25519MLKEM768, versions: [TLSv1.3]}
                - {name: x25519, versions: [TLSv1.2, TLSv1.3]}
              complete: true
              why: null
        transcript:
          description: The dialogue line by line with O(transcript), none without.
          type: list
          elements: dict
          sample: null
        timings:
          description: Seconds that each phase took, none for those it did not come to.
          type: dict
          sample: {dns: 0.01, connect: 0.02, greeting: 0.01, starttls: 0.01, handshake: 0.05, total: 0.1}
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
          description: The endpoint or host that it is about.
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
  description: How many targets there are, how many of them satisfied, and how many of each status and of each C(worst).
  returned: success, or when O(expect) is not met
  type: dict
  sample: {targets: 1, satisfied: 1, by_status: {verified: 1}, by_worst: {ok: 1}}
report:
  description: The results as a table, then the states of ports, then each finding with what to do.
  returned: success, or when O(expect) is not met
  type: list
  elements: str
resumed:
  description:
    - How many results are from the O(results_file), and when the first of them was probed (UTC), none without any.
  returned: when O(resume) is true, outside of check mode
  type: dict
  sample: {results: 1200, oldest: '2026-05-04T12:00:00Z'}
unmet:
  description: What differs from O(expect), one item for each difference, not more than O(report_max).
  returned: when O(expect) is not met
  type: list
  elements: dict
  sample:
    - target: mail.example.org
      endpoint: mail.example.org[192.0.2.1]:993
      item: status
      expected: verified
      found: trusted
      because: hostname mismatch
unmet_total:
  description: How many differences from O(expect) there are.
  returned: when O(expect) is not met
  type: int
  sample: 1
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.arguments import mailbox_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mailbox_tls_probe.run import run_mailbox_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=mailbox_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_mailbox_probe(module.params, check_mode=module.check_mode),
        libraries=("dnspython", "pyOpenSSL", "cryptography"),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
