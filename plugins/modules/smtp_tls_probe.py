#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: smtp_tls_probe
short_description: Judge the TLS of mail servers as a sending mail server would
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Probes the mail servers of any number of destinations. It says of each address what a Postfix SMTP client would make of its TLS, by
    DANE, by certification authorities or by fingerprints.
  - It does what C(posttls-finger) does, for all exchanges and all their addresses at once. It returns a verdict and structured facts
    instead of log text.
  - For each destination the module looks up the exchanges (MX records), their addresses and their TLSA records. It notes at each step
    whether the answer was validated with DNSSEC. It connects to each address, says EHLO and STARTTLS, completes the TLS handshake
    whatever the certificate is, and then judges it.
  - RV(results[].endpoints[].status) is Postfix 3.12's word for the session. RV(results[].satisfied) answers the question of
    a postmaster, whether mail would be delivered at this O(security_level).
  - What a server or a resolver does wrong is a result with an C(error), never a failure of the task. The task fails only
    when an option cannot be used, and then nothing has been probed, or when O(expect) is not met.
  - No mail is sent. The module says EHLO, STARTTLS, EHLO and QUIT.
notes:
  - The module runs where its task runs. Probing from the controller needs C(delegate_to=localhost) or a play on C(localhost).
  - DANE needs a resolver that validates DNSSEC. The module believes one only on a loopback address of the machine that
    probes, or as O(trust_ad) says.
  - At V(dane) and V(dane-only), a nameserver that validated nothing in the whole run, not even the root, says nothing about TLSA
    records. What hangs on its answers is not satisfied, its C(error.kind) is V(dnssec_unavailable), and the task warns. An unsigned
    zone behind a nameserver that validates is judged as Postfix does, without TLSA records.
  - An (address, port, server name, kind of key) is probed once in a task, however many destinations share it. Each question is asked of
    DNS once.
  - A server that says it has too many connections (C(421) and the like) is asked again until O(deadline).
  - Verdicts are those of Postfix 3.12 with OpenSSL 3. Where the Python libraries bring an OpenSSL before 3.0, certificates with
    SHA-1 signatures are accepted from certification authorities, as a Postfix with that OpenSSL would.
requirements:
  - dnspython >= 2.1
  - pyOpenSSL >= 21.0
  - cryptography >= 36.0
  - idna, for destinations with letters outside ASCII
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
  - mailops.tls.verification
  - mailops.tls.verification.exchange
  - mailops.tls.tls_client
  - mailops.tls.tls_client.keys
  - mailops.tls.dns
  - mailops.tls.fleet
  - mailops.tls.fleet.stream
  - mailops.tls.fleet.changes
  - mailops.tls.scan
  - mailops.tls.fleet.report
  - mailops.tls.fleet.detail
options:
  destinations:
    description:
      - What to probe, in the syntax of Postfix next-hop destinations.
      - A domain, whose MX records are looked up, or its own addresses when it has none.
      - With brackets, as C([mail.example.org]), C([192.0.2.1]) or C([ipv6:2001:db8::1]), a host or address without MX lookup.
      - A URL or a mail address is none; the error says what to write in place of it.
      - Of a list with more than one item, what is no destination becomes a result with C(error.kind) V(invalid_destination).
        A single one fails the task.
      - With C(:port) or C(:service), as C(example.org:587) or C([mail.example.org]:submission), another port than 25.
      - With O(protocol=lmtp) a host or address, with or without C(inet:) before it, port 24 by default, or a socket as
        C(unix:/run/dovecot/lmtp).
      - Either this or O(destinations_file) is needed.
    type: list
    elements: str
    aliases: [destination, domain]
  destinations_file:
    description:
      - A file on the machine that probes with a destination a line, in the syntax of O(destinations). It is read line by line, so it can be
        of any length.
      - It may be compressed with gzip, begin with a byte order mark and end its lines as Windows does. Blank lines and lines that begin
        with C(#) are passed over. Of a table the first column counts, up to a comma, semicolon or blank.
      - A destination is probed once, in whatever spelling the file repeats it. C(Example.ORG) and C(example.org:25) are the same.
      - The order is shuffled, twenty thousand lines at a time, so that a provider's domains do not come together. The same
        O(run_id) gives the same order.
      - A line that is no destination is a result with C(error.kind) V(invalid_destination), also a single one.
    type: path
  protocol:
    description:
      - V(lmtp) speaks LMTP in place of SMTP, to hosts or unix-domain sockets, without MX lookup (C(posttls-finger -S)).
    type: str
    choices: [smtp, lmtp]
    default: smtp
  lookup:
    description:
      - V(srv) looks up SRV records in place of MX records, C(_submission._tcp.example.org) for C(example.org:submission)
        (C(posttls-finger -R)). The port comes from the SRV record, and TLSA records are looked up for that port.
    type: str
    choices: [mx, srv]
    default: mx
  tls_mode:
    description:
      - Whether to ask for TLS with STARTTLS, or to begin with the handshake as on port 465 (C(posttls-finger -w)).
      - V(implicit) does not change the port, so name it in O(destinations).
    type: str
    choices: [starttls, implicit]
    default: starttls
  exchanges:
    description:
      - Whether to probe all addresses of all exchanges, or, as C(posttls-finger) does, only the first that takes a connection.
    type: str
    choices: [all, first]
    default: all
  host_lookup:
    description:
      - How to look up the addresses of hosts, in this order (C(posttls-finger -h)).
      - V(native) asks the system (C(/etc/hosts) and the like), which knows nothing of DNSSEC. After V(dns) it is only tried for hosts
        that DNS says do not exist.
    type: list
    elements: str
    choices: [dns, native]
    default: [dns]
  address_family:
    description:
      - V(ipv4) or V(ipv6) put addresses of that family first among exchanges of the same preference (C(posttls-finger -a)).
    type: str
    choices: [any, ipv4, ipv6]
    default: any
  ehlo_name:
    description:
      - The name to send with EHLO. The default is the host name of the machine that probes.
    type: str
  reconnect_delay:
    description:
      - Connect to each server again after so many seconds, to see whether it resumes TLS sessions (C(posttls-finger -r)).
      - This goes on until a server is met that answered before, by the name in its reply to EHLO. So servers behind a load balancer are
        found. See RV(results[].endpoints[].reconnects).
      - By default there is one connection only.
    type: float
  reconnect_max:
    description:
      - How often to connect again at most (C(posttls-finger -m)).
    type: int
    default: 5
seealso:
  - name: posttls-finger(1)
    description: The tool of Postfix that this module mirrors.
    link: https://www.postfix.org/posttls-finger.1.html
  - name: Postfix TLS support
    description: Security levels, match strategies and DANE in Postfix.
    link: https://www.postfix.org/TLS_README.html
  - name: RFC 7672
    description: SMTP security via opportunistic DANE TLS.
    link: https://www.rfc-editor.org/rfc/rfc7672
"""

EXAMPLES = r"""
- name: Would mail for example.org be delivered, and how safely?
  mailops.tls.smtp_tls_probe:
    destination: example.org
  register: probe

- name: Show the verdict in lines that a user of posttls-finger knows
  ansible.builtin.debug:
    var: probe.report

- name: After a key change, wait until every address of every exchange verifies by DANE
  mailops.tls.smtp_tls_probe:
    destination: example.org
    security_level: dane-only
    expect:
      status: verified
  register: probe
  until: probe is succeeded
  retries: 30
  delay: 60

- name: Certificates of all our domains, from the system's certification authorities, with at least two weeks left
  mailops.tls.smtp_tls_probe:
    destinations: "{{ mail_domains }}"
    security_level: secure
    system_ca: true
    match: [hostname]
    expect:
      status: verified
      tls:
        protocol: [TLSv1.2, TLSv1.3]
      min_days_left: 14

- name: One submission server with implicit TLS, by address, against our own authority
  mailops.tls.smtp_tls_probe:
    destination: "[192.0.2.25]:465"
    tls_mode: implicit
    security_level: secure
    ca_file: /etc/ssl/our-ca.pem
    match: [mail.example.org]

- name: The certificate must be this one or have this key
  mailops.tls.smtp_tls_probe:
    destination: "[mail.example.org]"
    security_level: fingerprint
    match:
      - "{{ mail_certificate_sha256 }}"

- name: Do the TLSA records match both certificates of servers that have an RSA and an ECDSA one?
  mailops.tls.smtp_tls_probe:
    destination: example.org
    security_level: dane-only
    key_algorithms: [rsa, ecdsa]
    expect:
      satisfied: true

- name: A hundred thousand domains, politely, in a run that can be interrupted and go on
  mailops.tls.smtp_tls_probe:
    destinations_file: /var/lib/survey/domains.txt
    nameservers: [127.0.0.1]
    concurrency: 200
    per_address_limit: 2
    per_provider_limit: 20
    interval_per_address: 0.5
    results_file: /var/lib/survey/results.jsonl
    resume: true
    return: summary
    workers: auto

- name: The same list the next night, and only what is not as it was
  mailops.tls.smtp_tls_probe:
    destinations_file: /var/lib/survey/domains.txt
    nameservers: [127.0.0.1]
    results_file: /var/lib/survey/tonight.jsonl
    previous_file: /var/lib/survey/results.jsonl
    return: changed
  register: night

- name: What does the server accept? Its log will show up to 25 unfinished handshakes
  mailops.tls.smtp_tls_probe:
    destination: example.org
    scan: grade
"""

RETURN = r"""
results:
  description:
    - One item per destination, in the order given. Which ones is up to O(return).
  returned: success, or when O(expect) is not met
  type: list
  elements: dict
  contains:
    destination:
      description: The destination as given.
      type: str
      sample: example.org
    status:
      description:
        - The status of the worst endpoint, V(verified), V(trusted), V(untrusted), V(anonymous), V(plaintext) or V(failed) from best
          to worst.
      type: str
      sample: verified
    satisfied:
      description:
        - Whether a Postfix SMTP client at O(security_level) would deliver, trying the endpoints by preference, at most five
          addresses and two sessions in one attempt.
      type: bool
      sample: true
    error:
      description:
        - Why there are no endpoints; none when there are. For the list of kinds see RV(results[].endpoints[].error).
        - V(invalid_destination) in C(kind) means that the text is no destination; C(text) says what to write in place of it.
      type: dict
      sample: null
    route:
      description:
        - How the endpoints were found. C(lookup) is V(mx), V(srv) or V(address), C(secure) whether that RRset was validated with
          DNSSEC, C(null_mx) whether the domain says that it takes no mail, C(exchanges) the exchanges with C(preference),
          C(exchange) and C(secure).
      type: dict
      sample:
        lookup: mx
        secure: true
        null_mx: false
        exchanges:
          - {preference: 10, exchange: mx.example.org, secure: true}
    endpoints:
      description: One item for each address of each exchange, and one without address for each exchange that has none.
      type: list
      elements: dict
      contains:
        host:
          description: The name of the exchange.
          type: str
          sample: mx.example.org
        address:
          description: Its address.
          type: str
          sample: 192.0.2.25
        port:
          description: The port; none for a unix-domain socket.
          type: int
          sample: 25
        preference:
          description: The preference of the exchange; none without an MX record.
          type: int
          sample: 10
        status:
          description:
            - V(verified) when the certificate matches what the level asks for.
            - V(trusted) when it is from a trusted authority and need not match, or when only its name does not match. Also when it
              matches TLSA records behind an insecure MX record.
            - V(untrusted) for every other certificate, V(anonymous) for a session without one.
            - V(plaintext) when the dialogue went well without TLS, V(failed) when there was no session to judge.
          type: str
          sample: verified
        satisfied:
          description:
            - Whether a Postfix SMTP client would deliver over this endpoint. V(false) where that cannot be told, because of
              V(dnssec_unavailable).
            - Where TLS is optional, a handshake that fails only delays mail, since Postfix then delivers in plaintext. The endpoint is
              satisfied, with status V(failed) and an C(error).
          type: bool
          sample: true
        error:
          description:
            - What went wrong with this endpoint, or none. C(phase) is where, C(text) is for people, C(kind) is one of
              V(dns_not_found), V(dns_error), V(null_mx), V(opted_out), V(tlsa_lookup_failed), V(dnssec_unavailable),
              V(connect_refused), V(connect_timeout), V(connect_failed), V(timeout), V(disconnected), V(rejected), V(rate_limited),
              V(protocol_error), V(limit_exceeded), V(starttls_not_offered), V(starttls_rejected), V(handshake_failed).
            - A certificate that does not verify is no error here; see RV(results[].endpoints[].verification).
          type: dict
          sample: {kind: starttls_not_offered, phase: ehlo, text: the server does not offer STARTTLS}
        greeting:
          description: The server's greeting with its code.
          type: str
          sample: 220 mx.example.org ESMTP Postfix
        server_name:
          description: The name that the server gives itself in its reply to EHLO.
          type: str
          sample: mx.example.org
        capabilities:
          description:
            - What the server offers before (C(before_tls)) and after (C(after_tls)) the handshake. Each is a mapping of EHLO keywords in
              upper case to their parameters, or none when it did not get so far.
          type: dict
          sample: {before_tls: {STARTTLS: [], SIZE: ['10240000']}, after_tls: {SIZE: ['10240000']}}
        injected_plaintext:
          description:
            - Bytes that came in plaintext behind the reply to STARTTLS. They were dropped; there should be none (CVE-2011-0411).
          type: int
          sample: 0
        tls:
          description:
            - The TLS session, or none. Of a handshake that failed it holds what was learned until then.
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
            sni: mx.example.org
            alpn: null
            session_reused: false
            resumable: true
            ticket_lifetime: 7200
            max_early_data: 0
        chain:
          description:
            - The certificates in the order sent, the server's own first. What cannot be decoded is none; fingerprints are always there.
          type: list
          elements: dict
          sample:
            - subject: CN=mx.example.org
              issuer: CN=Example CA
              serial: 4f3a
              not_before: '2026-01-01T00:00:00Z'
              not_after: '2027-01-01T00:00:00Z'
              dns_names: [mx.example.org]
              ip_addresses: []
              public_key: {type: ecdsa, bits: 256, curve: secp256r1}
              signature_algorithm: ecdsa-with-SHA256
              fingerprints: {certificate: {sha256: 1f2e}, public_key: {sha256: 3d4c}}
        verification:
          description:
            - How the certificate was judged.
            - C(requested_level) is O(security_level), C(effective_level) the level after downgrades by which C(status) was found.
              C(delivery_level) is the one by which a Postfix SMTP client would decide, none where it defers mail or where it cannot be
              told. C(reason) is why they differ.
            - C(trusted) is whether the chain is trusted, C(matched) whether the certificate is one that the level accepts.
              C(matched_name) is the name in the certificate that matched, C(depth) where in the chain a TLSA record matched.
            - C(error) is the finding that Postfix reports, with OpenSSL's number and text.
          type: dict
          sample:
            status: verified
            requested_level: dane
            effective_level: dane
            delivery_level: dane
            reason: null
            trusted: true
            matched: true
            matched_name: null
            depth: 0
            error: null
        rfc:
          description:
            - What the RFCs would say where Postfix decides otherwise. C(satisfied) is whether mail would be delivered by their rules,
              C(level) at which security level. C(differences) is why this is not what Postfix does, with the section. It is empty when
              both agree.
          type: dict
          sample: {level: dane, satisfied: true, differences: []}
        tlsa:
          description:
            - The TLSA records of this endpoint. C(lookup) is V(found), V(none), V(insecure) (not validated), V(error) or V(skipped)
              (not asked for, because of the level or an insecure address). With V(skipped) and an C(error) nothing is known, since the
              answers were not validated, by a nameserver that validates nothing. C(base_domain) is the name they were found for,
              C(owner) the name of the RRset after aliases.
            - Of each record, C(usable) says whether it can count, with C(reason) if not, and C(matched) and C(matched_depth) whether
              and where a served certificate has its data.
          type: dict
          sample:
            lookup: found
            base_domain: mx.example.org
            owner: _25._tcp.mx.example.org
            secure: true
            error: null
            records:
              - {usage: 3, selector: 1, matching_type: 1, data: 3d4c, usable: true, reason: null, matched: true, matched_depth: 0}
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
        key_algorithms:
          description:
            - What the server showed when it was asked for one kind of key after the other, an item for each in the order of
              O(key_algorithms).
            - C(tls), C(chain), C(verification) and C(tlsa) of the endpoint itself are those of V(any), if it was listed, else of the
              first kind that the server has. Its C(status) is the worst, and C(satisfied) is true only when it is for all.
            - C(offered) is whether the server has such a key, none when that could not be found out. When it has not, C(status) is
              V(failed) and C(error.kind) is V(handshake_failed), which does not count for the endpoint unless all are so.
            - C(tls), C(chain), C(verification), C(reconnects) and C(transcript) are like those of the endpoint, and C(tlsa.records)
              are the TLSA records compared with this chain. So each TLSA record is there with each certificate that is served
              by any address and port for any kind of key.
          returned: when O(key_algorithms) names another than V(any)
          type: list
          elements: dict
          sample:
            - algorithm: rsa
              offered: true
              status: untrusted
              satisfied: false
              error: null
              tls: {established: true, protocol: TLSv1.3, signature: RSA-PSS}
              chain: [{subject: CN=mx.example.org, public_key: {type: rsa, bits: 2048, curve: null}}]
              verification: {status: untrusted, matched: false, error: {code: 65, depth: 0, text: no matching DANE TLSA records}}
              tlsa:
                records:
                  - {usage: 3, selector: 1, matching_type: 1, data: 3d4c, usable: true, reason: null, matched: false, matched_depth: null}
        reconnects:
          description:
            - What happened on further connections. C(ended) is V(known_server), V(not_cached) (a server gave no session),
              V(failed) or V(maximum). Each of C(attempts) has C(server_name), whether a session was offered to that server and whether it
              really resumed it, and an C(error).
          returned: when O(reconnect_delay) is given
          type: dict
          sample:
            ended: known_server
            attempts:
              - {server_name: mx.example.org, session_offered: true, session_reused: true, error: null}
        transcript:
          description: The dialogue, when O(transcript) is true.
          type: list
          elements: dict
          sample:
            - {direction: '<', phase: greeting, at: 0.012, text: 220 mx.example.org ESMTP Postfix}
        timings:
          description: Seconds that each phase took, as far as it was reached.
          type: dict
          sample: {dns: 0.02, connect: 0.01, greeting: 0.01, starttls: 0.02, handshake: 0.03, total: 0.08}
    lint:
      description:
        - Mistakes in the DANE deployment that are no verdict but will hurt some day, each with C(id), C(subject) and C(text).
        - The identifiers are V(stale_record), V(one_algorithm_only), V(ta_not_in_chain), V(ta_name_mismatch),
          V(expired_leaf_under_ta), V(selector0_with_renewal), V(pkix_usage_on_smtp), V(malformed_record),
          V(empty_input_digest), V(exchange_without_tlsa), V(address_mismatch), V(same_key_on_all_exchanges),
          V(starttls_not_offered), V(mx_zone_insecure) and V(tlsa_zone_insecure).
        - V(local_limit) is no mistake of the server. The OpenSSL of the machine that probes refuses what the server does, and other
          senders may accept it.
        - V(one_algorithm_only) needs O(key_algorithms), and V(stale_record) is sure only with it.
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
        - id: stale_record
          severity: warning
          subject: _25._tcp.mx.example.org
          text: '3 1 1 3d4c5b6a79880716... matches nothing that is served: a key to come, or one that is gone'
          why: The record is left over, belongs to another server, or announces a key to come. A forgotten key stays trusted.
          fix: Find out whose key it is. If no server behind the name uses it or is about to, remove the record.
          reference: RFC 7671 section 8.4
changes:
  description: How many C(destinations) have changed since O(previous_file), and how many of them in what (C(by_kind)).
  returned: when O(return=changed)
  type: dict
  sample: {destinations: 2, by_kind: {verdict: 1, key: 2}}
summary:
  description: How many destinations there are, how many of them satisfied, and how many of each status.
  returned: success, or when O(expect) is not met
  type: dict
  sample: {destinations: 1, satisfied: 1, by_status: {verified: 1}}
report:
  description: The results in lines of text in the manner of posttls-finger.
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
    - destination: example.org
      endpoint: mx.example.org[192.0.2.25]:25
      item: status
      expected: verified
      found: untrusted
      because: no matching DANE TLSA records
unmet_total:
  description: How many differences from O(expect) there are.
  returned: when O(expect) is not met
  type: int
  sample: 1
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=smtp_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_smtp_probe(module.params, check_mode=module.check_mode),
        libraries=("dnspython", "pyOpenSSL", "cryptography"),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
