#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_auth_probe
short_description: See which logins a mail server offers, and log in with each
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Looks at the services that mail clients use, as M(mailops.tls.mailbox_tls_probe) does. Then it tells which login mechanisms are
    offered before TLS, inside TLS and after login, and what is wrong with that.
  - Logs in with each of O(mechanisms) at every server that it finds, once, over a connection of its own. What became of each login is a
    result.
  - A password is never sent to a server that could be somebody else, nor over a connection without TLS. The outcome of such a login is
    V(withheld), and not a byte of it was sent. Two options with frightening names change that.
  - The server counts as itself when its certificate had to match, and did. So a login needs an O(security_level) of V(verify),
    V(fingerprint), V(dane) or V(dane-only). Each connection is judged anew before the login begins.
  - What a server or a resolver does wrong is a result, never a failure of the task. The task fails only when an option cannot be used,
    and then nobody has logged in, or when O(expect) is not met.
  - Secrets are in no result, file, log or transcript, also where a server says them back.
notes:
  - The module runs where its task runs. Probing from the controller needs C(delegate_to=localhost) or a play on C(localhost).
  - Failed logins are counted by many servers. O(attempts_limit) bounds them, and a server that says that there were too many is left
    alone.
  - The O(username) and the secrets of the task are used at every server, also with O(hosts_file) and O(domains_file). Other accounts take
    other tasks.
  - Who writes such a file decides where the password goes. So only root and the user who runs the module may be able to write or
    replace it. Otherwise the task fails before anything is sent, unless there is nothing secret to send.
  - In check mode logins take place too, as they change nothing. No file is written.
  - Whoever has the O(keylog_file) and a capture of the run can read the password there.
  - SCRAM may ask for 600,000 iterations at most, which is well below 2 seconds of work. More ends the login.
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
      - Who forges such a record names a server of his own, with a valid certificate. So no password goes to a server outside of the domain
        by its own name, unless DNSSEC protects the record (RFC 6186 section 6). Name such a server in O(match) or O(hosts).
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
      - V(all) connects to every mail port of every address as well, whatever O(services) says, and tells in RV(results[].ports) which
        take connections.
    type: str
    choices: [services, all]
    default: services
  security_level:
    description:
      - What a client asks of a server. At V(none) and V(encrypt) logins with secrets are withheld, as the server could be anybody.
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
  username:
    description:
      - Who logs in.
    type: str
  password:
    description:
      - The password.
    type: str
  authorization_identity:
    description:
      - Whom to act as, where that is somebody else (RFC 4422 section 2.1). V(PLAIN), V(EXTERNAL), V(OAUTHBEARER) and SCRAM can carry it.
    type: str
  oauth_token:
    description:
      - The bearer token for V(XOAUTH2) and V(OAUTHBEARER).
    type: str
  mechanisms:
    description:
      - What to log in with. Empty logs in with nothing, and only tells what is offered.
      - V(PLAIN), V(LOGIN), V(CRAM-MD5), V(SCRAM-SHA-1), V(SCRAM-SHA-256), V(SCRAM-SHA-1-PLUS), V(SCRAM-SHA-256-PLUS), V(XOAUTH2),
        V(OAUTHBEARER) and V(EXTERNAL) are mechanisms of SASL. V(EXTERNAL) needs O(client_certificate).
      - V(IMAP-LOGIN) is the command LOGIN of IMAP. V(USER-PASS) and V(APOP) are those of POP3.
      - Others of IANA's registry, such as V(DIGEST-MD5) or V(GSSAPI), are V(unsupported).
    type: list
    elements: str
    default: []
    aliases: [mechanism]
  channel_binding:
    description:
      - Whether a login is bound to its TLS session, so that nobody in between can pass it on (RFC 5802, RFC 9266).
      - V(auto) binds with the mechanisms whose names end in C(-PLUS). V(require) withholds all others. V(never) withholds these.
    type: str
    choices: [auto, require, never]
    default: auto
  only_offered:
    description:
      - Whether to leave alone what the server does not offer. V(false) asks for it all the same. The first response is then held back
        until the server wants it.
    type: bool
    default: true
  attempts_limit:
    description:
      - The most logins at one host in a run. Too many failed ones can lock an account.
    type: int
    default: 10
  auth_timeout:
    description:
      - Seconds that a server may take for each answer to a login. Many are slow after a wrong password, and some never answer.
    type: float
    default: 30
  relay_test:
    description:
      - Whether to ask servers of submission without a login if they take mail from one foreign domain to another. No message is sent.
        A server that does is the finding V(submission_without_auth).
    type: bool
    default: false
  insecure_expose_password_without_tls:
    description:
      - Whether to send secrets over connections without TLS, where everybody on the way can read them.
      - Such connections are made at O(security_level=none) only, to services that begin with STARTTLS.
    type: bool
    default: false
  insecure_expose_password_to_unverified_server:
    description:
      - Whether to send secrets to servers that have not shown who they are. Whoever answers then has them.
    type: bool
    default: false
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
        C(capabilities), C(auth_mechanisms), C(password_login), C(mechanisms) and C(logins).
      - C(logins) is the outcome of all logins, such as V(accepted), or a mapping of mechanisms to outcomes.
      - A list names all values that will do. C(min_days_left) is the least number of days that the server's certificate must still be
        valid. C(error) can be just an error kind; C(null) means none.
      - A service that is asked for and does not run is an endpoint with status V(failed). Name in O(services) those that have to run.
      - A target without any endpoint meets only what its own C(status), C(satisfied) and C(error) do.
    type: dict
seealso:
  - module: mailops.tls.mailbox_tls_probe
  - name: RFC 4422
    description: Simple Authentication and Security Layer (SASL).
    link: https://www.rfc-editor.org/rfc/rfc4422
  - name: RFC 4954
    description: Logins in SMTP, and their reply codes.
    link: https://www.rfc-editor.org/rfc/rfc4954
"""

EXAMPLES = r"""
- name: Which logins does this server offer, before and inside TLS?
  mailops.tls.mail_auth_probe:
    host: mail.example.org
  register: logins

- name: Show them, and what to mend
  ansible.builtin.debug:
    var: logins.report

- name: Is this the right password?
  mailops.tls.mail_auth_probe:
    host: mail.example.org
    services: [imaps]
    username: probe@example.org
    password: "{{ mail_password }}"
    mechanisms: [PLAIN]
  register: logins

- name: The user can log in wherever mail is read and sent
  mailops.tls.mail_auth_probe:
    host: mail.example.org
    services: [imaps, submission]
    username: probe@example.org
    password: "{{ mail_password }}"
    mechanisms: [PLAIN]
    expect:
      logins: accepted

- name: Every way of POP3
  mailops.tls.mail_auth_probe:
    host: mail.example.org
    services: [pop3s]
    username: probe@example.org
    password: "{{ mail_password }}"
    mechanisms: [PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1, SCRAM-SHA-256, USER-PASS, APOP]
    expect:
      logins:
        PLAIN: accepted
        SCRAM-SHA-256: [accepted, not_offered]

- name: No way to log in may be offered before TLS
  mailops.tls.mail_auth_probe:
    host: mail.example.org
    services: [submission]
    expect:
      mechanisms:
        before_tls: [[]]

- name: Log in as one user and act as another
  mailops.tls.mail_auth_probe:
    host: mail.example.org
    services: [imaps]
    username: admin@example.org
    password: "{{ mail_password }}"
    authorization_identity: probe@example.org
    mechanisms: [PLAIN]

- name: What do all our customers' servers offer before TLS? Nobody logs in
  mailops.tls.mail_auth_probe:
    domains_file: /srv/audit/domains.txt
    results_file: /srv/audit/logins.jsonl
    return: summary

- name: A server whose certificate is known, and by no authority
  mailops.tls.mail_auth_probe:
    host: mail.example.org
    services: [imaps]
    security_level: fingerprint
    match: ["{{ fingerprint_sha256 }}"]
    username: probe@example.org
    password: "{{ mail_password }}"
    mechanisms: [SCRAM-SHA-256]
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
        - The state of every mail port of every address, as in RV(mailops.tls.mailbox_tls_probe#module:results[].ports). None unless
          O(ports=all).
      type: list
      elements: dict
      sample: null
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
        mechanisms:
          description:
            - The SASL mechanisms offered before TLS, inside it, only before it, only inside it, and by IMAP still after a login. None
              where that was not asked or is not known.
          type: dict
          sample:
            before_tls: []
            after_tls: [PLAIN, LOGIN, SCRAM-SHA-256]
            only_before_tls: []
            only_after_tls: [PLAIN, LOGIN, SCRAM-SHA-256]
            after_login: null
        logins:
          description: One item for each of O(mechanisms), in their order; none at all for a port that is not open.
          type: list
          elements: dict
          contains:
            mechanism:
              description: The mechanism, or the name of the command.
              type: str
              sample: SCRAM-SHA-256
            outcome:
              description:
                - V(accepted), and the server has proved itself where the mechanism can do that.
                - V(bad_credentials) for a wrong user name or password, V(account_problem) when the account cannot be used as it is.
                - V(not_offered), and V(mechanism_refused) when the server refused it before it saw anything of the login.
                - V(tls_required), V(temporary_failure) and V(rate_limited), as the server says.
                - V(server_not_authentic) when the server does not know the password, or somebody stands between.
                - V(withheld) and V(unsupported) when nothing was sent; C(error) tells why.
                - V(protocol_error), V(disconnected) or V(timeout) when there was no proper end.
                - It is decided by the code, then the response code, then whether a response of ours had been sent; by text never alone.
              type: str
              sample: accepted
            reply:
              description:
                - The server's last reply to the login, none without one. C(code) and C(enhanced_code) are those of SMTP, C(status) and
                  C(response_code) those of the other protocols.
              type: dict
              sample: {code: null, status: ok, enhanced_code: null, response_code: CAPABILITY, text: Logged in}
            inside_tls:
              description: Whether it was inside TLS, or would have been.
              type: bool
              sample: true
            channel_binding:
              description: The channel binding that the proof has, V(tls-exporter), V(tls-unique), V(tls-server-end-point) or none.
              type: str
              sample: null
            server_authenticated:
              description: Whether the server proved that it knows the password. None for mechanisms without such a proof.
              type: bool
              sample: true
            initial_response:
              description: Whether the first response went along with the command. None for a login that was not begun.
              type: bool
              sample: true
            rounds:
              description: How many challenges were answered. None for a login that was not begun.
              type: int
              sample: 2
            iterations:
              description: How many iterations the server asked for. Of SCRAM only.
              type: int
              sample: 4096
            seconds:
              description: How long it took. None for a login that was not begun.
              type: float
              sample: 0.4
            error:
              description:
                - Why, where the outcome does not say it all, with C(kind), C(phase) and C(text). The C(kind) is V(withheld) where nothing
                  was sent.
              type: dict
              sample: null
            transcript:
              description: The dialogue of its connection with O(transcript), without responses. None without.
              type: list
              elements: dict
              sample: null
        relay:
          description:
            - Whether the server takes mail from one foreign domain to another without a login, which command decided that, and the
              reply. None without O(relay_test), and for all services but submission.
          type: dict
          sample: null
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
  description:
    - How many targets there are, how many of them satisfied, and how many of each status and of each C(worst). C(logins) counts the logins,
      C(by_outcome) those of each outcome.
  returned: success, or when O(expect) is not met
  type: dict
  sample: {targets: 1, satisfied: 1, by_status: {verified: 1}, by_worst: {ok: 1}, logins: 1, by_outcome: {accepted: 1}}
report:
  description:
    - First what is wrong with logins that were refused. Then the results as a table.
    - What each endpoint offers follows, with the outcome of each login, and each finding with what to do.
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
      item: logins.PLAIN
      expected: accepted
      found: bad_credentials
      because: null
unmet_total:
  description: How many differences from O(expect) there are.
  returned: when O(expect) is not met
  type: int
  sample: 1
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.arguments import auth_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_auth_probe.run import run_auth_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=auth_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_auth_probe(module.params, check_mode=module.check_mode),
        libraries=("dnspython", "pyOpenSSL", "cryptography"),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
