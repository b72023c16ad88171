#!/usr/bin/python
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: mail_delivery_probe
short_description: Send a message, find it in the mailbox, tell how it came there, and remove it
version_added: 1.0.0
author:
  - The mailops.tls authors (@mailops)
description:
  - Hands a message with a random token to a server by submission, SMTP or LMTP. It then looks for the message by IMAP or POP3, in the
    folder for junk too.
  - It tells each step with the server's reply and its time, the queue id, and every hop with the TLS that it noted. It also tells
    what the receiver found of SPF, DKIM and DMARC, and whether the body arrived unchanged.
  - Then it removes the message. What an earlier run could not remove, as it was killed, is known by the header field
    C(X-Mailops-Probe). It is removed before anything is sent.
  - The mailbox is logged in to first. Where that fails nothing is sent, so that nothing can be left behind.
  - What a server does wrong is a result with an C(error), never a failure of the task. The task fails only when an option cannot be
    used, and then nothing has been sent.
notes:
  - The module runs where its task runs. Probing from the controller needs C(delegate_to=localhost) or a play on C(localhost).
  - Of several recipients the mailbox of one is looked into. The others keep their copies until a run looks into their mailboxes.
  - A message that comes after O(timeout) stays until the next run removes it. So does one whose run was killed.
  - Where the server has no UIDPLUS and other messages are marked as deleted, nothing is expunged, as those would go too.
  - A message is only removed when its C(X-Mailops-Probe) has the form of a token. Nothing else in the mailbox is touched, and nothing
    that is read becomes seen.
requirements:
  - dnspython >= 2.1
  - pyOpenSSL >= 21.0
  - cryptography >= 36.0
  - idna, for names with letters outside ASCII
  - dkimpy, to verify DKIM signatures; without it they are listed only
extends_documentation_fragment:
  - mailops.tls.attributes
  - mailops.tls.attributes.info_module
  - mailops.tls.verification
  - mailops.tls.tls_client
  - mailops.tls.dns
  - mailops.tls.fleet.detail
attributes:
  check_mode:
    description: In check mode both servers are looked at, nobody logs in, and nothing is sent or removed.
options:
  submit:
    description:
      - The server that takes the message.
    type: dict
    required: true
    suboptions:
      host:
        description:
          - The server, by name or address. The first of its addresses that answers is used.
        type: str
        required: true
      service:
        description:
          - V(submission) (587), V(smtp) (25) and V(lmtp) (24) begin TLS with STARTTLS. V(submissions) (465) begins with the handshake.
        type: str
        choices: [submission, submissions, smtp, lmtp]
        default: submissions
      port:
        description:
          - The port, where it is not the one of the service.
        type: int
      username:
        description:
          - Who logs in.
        type: str
      password:
        description:
          - The password. It is only sent to a server that is verified at O(submit.security_level) V(verify) or above.
        type: str
      oauth_token:
        description:
          - An OAuth 2.0 bearer token, in place of a password.
        type: str
      mechanism:
        description:
          - The mechanism to log in with. The default is the safest one that the server offers and the credentials are for.
        type: str
      security_level:
        description:
          - What the server has to show, as in O(mailops.tls.mailbox_tls_probe#module:security_level). Nothing is sent to one that
            does not.
          - V(may) takes TLS where it is offered, with any certificate.
          - The default is V(verify), and V(may) for V(smtp) and V(lmtp).
        type: str
        choices: [none, may, encrypt, fingerprint, verify, dane, dane-only]
      match:
        description:
          - What the certificate has to match, in place of O(match).
        type: list
        elements: str
      sni:
        description:
          - The server name to send in the TLS handshake, in place of O(sni).
        type: str
      client_certificate:
        description:
          - A certificate for servers that ask for one, in place of O(client_certificate).
        type: path
      client_key:
        description:
          - Its private key, in place of O(client_key).
        type: path
      insecure_expose_password_without_tls:
        description:
          - Whether to send the password where everybody on the way can read it.
        type: bool
        default: false
      insecure_expose_password_to_unverified_server:
        description:
          - Whether to send the password to a server that has not been verified, and can be anybody.
        type: bool
        default: false
  retrieve:
    description:
      - The mailbox where the message has to arrive. Without it the message is handed over and nothing else, and nobody removes it.
    type: dict
    suboptions:
      host:
        description:
          - The server, by name or address. The first of its addresses that answers is used.
        type: str
        required: true
      service:
        description:
          - V(imap) (143) and V(pop3) (110) begin TLS with STARTTLS. V(imaps) (993) and V(pop3s) (995) begin with the handshake.
        type: str
        choices: [imap, imaps, pop3, pop3s]
        default: imaps
      port:
        description:
          - The port, where it is not the one of the service.
        type: int
      username:
        description:
          - Who logs in. It is needed, unless O(retrieve.mechanism) is V(EXTERNAL).
        type: str
      password:
        description:
          - The password. It is only sent to a server that is verified at O(retrieve.security_level) V(verify) or above.
        type: str
      oauth_token:
        description:
          - An OAuth 2.0 bearer token, in place of a password.
        type: str
      mechanism:
        description:
          - The mechanism to log in with. The default is the safest one that the server offers and the credentials are for.
          - V(IMAP-LOGIN), V(USER-PASS) and V(APOP) are the commands of the protocols themselves.
        type: str
      security_level:
        description:
          - What the server has to show, as in O(mailops.tls.mailbox_tls_probe#module:security_level). The default is V(verify).
          - V(may) takes TLS where it is offered, with any certificate.
        type: str
        choices: [none, may, encrypt, fingerprint, verify, dane, dane-only]
      match:
        description:
          - What the certificate has to match, in place of O(match).
        type: list
        elements: str
      sni:
        description:
          - The server name to send in the TLS handshake, in place of O(sni).
        type: str
      client_certificate:
        description:
          - A certificate for servers that ask for one, in place of O(client_certificate).
        type: path
      client_key:
        description:
          - Its private key, in place of O(client_key).
        type: path
      folders:
        description:
          - Where to look for the message. The folder for junk is looked into as well, where the server says which one that is (RFC 6154).
        type: list
        elements: str
        default: [INBOX]
      insecure_expose_password_without_tls:
        description:
          - Whether to send the password where everybody on the way can read it.
        type: bool
        default: false
      insecure_expose_password_to_unverified_server:
        description:
          - Whether to send the password to a server that has not been verified, and can be anybody.
        type: bool
        default: false
  recipient:
    description:
      - Whom the message is for, up to 100 addresses.
    type: list
    elements: str
    required: true
    aliases: [recipients]
  sender:
    description:
      - Whom the message is from. An empty text is the null sender, as of bounces.
      - The default is O(submit.username) where that is an address, and else the first O(recipient).
    type: str
  headers:
    description:
      - More header fields, by name. Those that the probe writes itself cannot be named.
    type: dict
    default: {}
  size:
    description:
      - Bytes that are added to the body, up to 1000000000. The message is never in memory as a whole.
    type: int
    default: 0
  timeout:
    description:
      - Seconds that the message may take from its acceptance until it is found.
    type: float
    default: 60
  poll_interval:
    description:
      - Seconds between two looks into the mailbox. A POP3 server that wants more (C(LOGIN-DELAY)) gets more.
    type: float
    default: 2
  stale_after:
    description:
      - Seconds after which the message of another probe counts as left over, and is removed. Give at least what probes of the same
        mailbox can take that run at the same time.
    type: float
    default: 3600
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
  match:
    description:
      - What the certificates of both servers have to match, in place of their names.
      - At V(verify) these are names, at V(fingerprint) digests in hexadecimal.
    type: list
    elements: str
  system_ca:
    description:
      - Whether to trust the certification authorities that OpenSSL on the machine that probes trusts.
    type: bool
    default: true
  sni:
    description:
      - The server name to send to both servers in the TLS handshake, in place of their names.
    type: str
  deadline:
    description:
      - Seconds that the connections to one server may take altogether, without O(timeout).
    type: float
    default: 120
seealso:
  - module: mailops.tls.mailbox_tls_probe
  - module: mailops.tls.smtp_tls_probe
  - name: RFC 5321
    description: Simple Mail Transfer Protocol.
    link: https://www.rfc-editor.org/rfc/rfc5321
"""

EXAMPLES = r"""
- name: Does mail arrive?
  mailops.tls.mail_delivery_probe:
    submit:
      host: mail.example.org
      username: probe@example.org
      password: "{{ mailbox_password }}"
    retrieve:
      host: mail.example.org
      username: probe@example.org
      password: "{{ mailbox_password }}"
    recipient: probe@example.org
  register: delivery

- name: Show what became of it
  ansible.builtin.debug:
    var: delivery.report

- name: Fail when it did not
  ansible.builtin.assert:
    that: delivery.delivered is not false # none in check mode
    fail_msg: "{{ delivery.error.text | default('') }}"

- name: Wait until mail flows again after a change
  mailops.tls.mail_delivery_probe:
    submit: "{{ submission }}" # a mapping such as above
    retrieve: "{{ mailbox }}"
    recipient: probe@example.org
  register: delivery
  until: delivery.delivered is not false
  retries: 5
  delay: 30

- name: A bounce has to arrive too, so send with the null sender
  mailops.tls.mail_delivery_probe:
    submit:
      host: mx.example.org
      service: smtp
    retrieve: "{{ mailbox }}"
    recipient: probe@example.org
    sender: ''

- name: What does the local delivery agent say to each of two recipients?
  mailops.tls.mail_delivery_probe:
    submit:
      host: 192.0.2.25
      service: lmtp
    recipient: [probe@example.org, other@example.org]

- name: Does a large message get through, and is it unchanged?
  mailops.tls.mail_delivery_probe:
    submit: "{{ submission }}"
    retrieve: "{{ mailbox }}"
    recipient: probe@example.org
    size: 10000000
    timeout: 300
  register: delivery
  failed_when: not delivery.unchanged_body
"""

RETURN = r"""
delivered:
  description:
    - Whether the message was found in the mailbox. Where nobody could look it is false, and RV(error) says why.
    - None without O(retrieve) and in check mode.
  returned: success
  type: bool
  sample: true
worst:
  description: The severity of the worst finding in RV(lint), V(error), V(warning) or V(notice), and V(ok) without any.
  returned: success
  type: str
  sample: ok
token:
  description: The random token of the message. It is in the fields C(Subject), C(Message-ID) and C(X-Mailops-Probe).
  returned: success
  type: str
  sample: mailops-probe-5f2c0a9be77d41d08c3f6f0d1b1f3a55
message_id:
  description: The C(Message-ID) of the message.
  returned: success
  type: str
  sample: <mailops-probe-5f2c0a9be77d41d08c3f6f0d1b1f3a55@example.org>
queue_id:
  description: Under which name the server has queued the message, where its reply says that in a known form.
  returned: success
  type: str
  sample: 1CF5FC0AAE
accepted_recipients:
  description: The recipients for whom the server has taken the message.
  returned: success
  type: list
  elements: str
  sample: [probe@example.org]
steps:
  description:
    - What was done at both servers, in its order. The first login to the mailbox is only shown when it failed.
  returned: success
  type: list
  elements: dict
  contains:
    step:
      description:
        - At the server that takes the message V(connect), V(greeting), V(hello), V(starttls), V(handshake), V(login), V(mail), V(rcpt),
          V(data) and V(end_of_data).
        - At the mailbox V(mailbox_connect), V(mailbox_greeting), V(mailbox_starttls), V(mailbox_handshake), V(mailbox_login), V(select),
          V(search), V(fetch), V(delete) and V(logout).
      type: str
    ok:
      description: Whether the server did it. For V(search), whether the message was found.
      type: bool
    reply:
      description:
        - The server's last word about it. C(code) and C(enhanced_code) are of SMTP and LMTP, C(status) and C(response_code) of IMAP
          and POP3.
      type: dict
    error:
      description: Why it came to no end, or to none that is of use.
      type: dict
    at:
      description: When it ended, in seconds since the run began.
      type: float
    seconds:
      description: How long it took.
      type: float
    recipient:
      description: The recipient that V(rcpt) is about. LMTP replies to the message for each recipient by itself.
      type: str
    folder:
      description: The folder that a step at the mailbox is about.
      type: str
  sample:
    - step: rcpt
      ok: true
      reply: {code: 250, status: null, enhanced_code: 2.1.5, response_code: null, text: Ok}
      error: null
      at: 0.31
      seconds: 0.02
      recipient: probe@example.org
      folder: null
submit:
  description:
    - The server that takes the message, in the shape of RV(mailops.tls.mailbox_tls_probe#module:results[].endpoints[]). Besides,
      C(login) has C(mechanism), C(outcome) and the C(reason) why a login was not begun.
  returned: success
  type: dict
  sample: {host: mail.example.org, port: 465, status: verified, satisfied: true, login: {mechanism: PLAIN, outcome: accepted, reason: null}}
retrieve:
  description: The server of the mailbox, in the same shape. None without O(retrieve).
  returned: success
  type: dict
  sample: {host: mail.example.org, port: 993, status: verified, satisfied: true, login: {mechanism: PLAIN, outcome: accepted, reason: null}}
select:
  description:
    - What the server said of each folder when it was opened. POP3 tells C(exists) and C(octets) only.
  returned: success
  type: list
  elements: dict
  sample:
    - folder: INBOX
      junk: false
      flags: ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft"]
      permanent_flags: ["\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft", "\\*"]
      exists: 17
      recent: 1
      unseen: 12
      uid_validity: 1795910400
      uid_next: 4242
      read_write: true
      octets: null
folder:
  description: The folder where the message was found.
  returned: success
  type: str
  sample: INBOX
copies:
  description: Every copy of the message that was found, with its media types as C(structure).
  returned: success
  type: list
  elements: dict
  sample:
    - folder: INBOX
      junk: false
      uid: '4242'
      size: 1342
      flags: ["\\Recent"]
      internal_date: 29-Nov-2026 01:00:02 +0000
      structure: text/plain
      unchanged_body: true
found_after:
  description: Seconds from the acceptance of the message until it was found.
  returned: success
  type: float
  sample: 1.7
received:
  description:
    - The hops, the last one first, as their C(Received) fields tell. C(seconds) is the time since the hop before, by both clocks.
    - C(tls) is what the hop noted. With C(stated) V(false) only its C(with) says that there was TLS. None where nothing says so.
  returned: success
  type: list
  elements: dict
  sample:
    - by: mail.example.org
      from: client.example.net
      from_address: 192.0.2.9
      with: ESMTPSA
      id: 1CF5FC0AAE
      for: probe@example.org
      at: '2026-11-29T01:00:00Z'
      seconds: 1.1
      tls: {protocol: TLSv1.3, cipher: TLS_AES_256_GCM_SHA384, stated: true}
authentication_results:
  description: What the fields C(Authentication-Results) say, one item for each conclusion.
  returned: success
  type: list
  elements: dict
  sample:
    - {authserv_id: mail.example.org, method: dkim, result: pass, properties: {header.d: example.org}}
headers:
  description:
    - Fields of the header. C(filters) has those in which filters say what they made of the message.
    - Each item of C(dkim_signatures) has the tags C(d), C(s), C(a), C(c), C(i), C(bh) and C(h) of one signature. C(verified) is none
      where it was not verified, and C(error) says why.
    - None when the message was not found.
  returned: success
  type: dict
  sample:
    subject: Probe of mail delivery mailops-probe-5f2c0a9be77d41d08c3f6f0d1b1f3a55
    return_path: <probe@example.org>
    filters: {}
    dkim_signatures:
      - {d: example.org, s: dkim, a: rsa-sha256, c: relaxed/simple, i: null, bh: abc=, h: [From, To], verified: true, error: null}
unchanged_body:
  description:
    - Whether the body is the one that was sent, line ends and blank lines at its end apart. None when it was not read.
  returned: success
  type: bool
  sample: true
cleanup:
  description:
    - How many messages of probes were found, with those that earlier runs had left. C(error) is why some could not be removed.
  returned: success
  type: dict
  sample: {found: 1, removed: 1, left: 0, error: null}
latency:
  description:
    - Seconds from the first packet to the acceptance of the message (C(submit)), from there until it was found (C(delivery)), and both
      together (C(total)).
  returned: success
  type: dict
  sample: {submit: 0.4, delivery: 1.7, total: 2.1}
error:
  description:
    - What went wrong first, or none. C(phase) is where, C(text) is for people, C(kind) is one of those of
      M(mailops.tls.mailbox_tls_probe).
    - With V(not_found) the message did not come in time. With V(withheld) the server is not verified, so nothing was sent. With
      V(cleanup_failed) all went well, but the message could not be removed.
  returned: success
  type: dict
  sample: null
lint:
  description:
    - What is wrong with the way that the message took, the worst first.
    - R(The page of findings,ansible_collections.mailops.tls.docsite.findings) explains each.
  returned: success
  type: list
  elements: dict
  sample:
    - id: delivery_in_junk
      severity: warning
      subject: probe@example.org
      text: the message was found in Junk
      why: Users will not see such mail.
      fix: Read the headers of the filter. They say why.
      reference: RFC 6154
report:
  description: All this as lines for people, first what became of the message, then each step and each hop, last what to mend.
  returned: success
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.arguments import delivery_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.mail_delivery_probe.run import run_delivery_probe
from ansible_collections.mailops.tls.plugins.module_utils._module.task import run_task


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=delivery_arguments(), supports_check_mode=True)
    run_task(
        module,
        lambda: run_delivery_probe(module.params, check_mode=module.check_mode),
        libraries=("dnspython", "pyOpenSSL", "cryptography"),
        missing=missing_required_lib,
    )


if __name__ == "__main__":
    main()
