# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of whatever does TLS handshakes as a client."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by modules that do TLS handshakes."""

    DOCUMENTATION = r"""
options:
  ca_file:
    description:
      - File of PEM certificates of the certification authorities to trust (C(posttls-finger -F)).
      - Without O(ca_file), O(ca_path) and O(system_ca) no certification authority is trusted, as with C(posttls-finger).
    type: path
  ca_path:
    description:
      - Directory of PEM certificates of the certification authorities to trust, prepared with C(openssl rehash)
        (C(posttls-finger -P)).
    type: path
  system_ca:
    description:
      - Whether to trust the certification authorities that OpenSSL on the machine that probes trusts.
    type: bool
    default: false
  tls_protocols:
    description:
      - The TLS protocol versions to allow, in the syntax of Postfix (C(posttls-finger -p)).
      - Words separated by spaces, commas or colons. C(>=TLSv1.2) and C(<=TLSv1.2) set the lowest and highest version,
        C(!TLSv1.1) excludes one, and a name alone allows only that one and others named so.
      - A list that leaves no version is an error.
    type: str
    default: '>=TLSv1'
  cipher_grade:
    description:
      - The grade of ciphers to offer up to TLS 1.2 (C(posttls-finger -g)). V(low) and V(export) mean V(medium), as in
        Postfix since 3.8.
    type: str
    choices: [high, medium, low, export, 'null']
    default: medium
  ciphers:
    description:
      - An OpenSSL cipher list for TLS up to 1.2, in place of O(cipher_grade).
      - Anonymous ciphers are left out at security levels that must match a certificate, ciphers without encryption at the
        others.
    type: str
  sni:
    description:
      - The server name to send in the TLS handshake (C(posttls-finger -s)). The words V(hostname) and V(nexthop) stand for
        the name of the exchange and the next-hop domain.
      - When TLSA records are used, the TLSA base domain is sent instead.
    type: str
  client_certificate:
    description:
      - PEM file with a certificate for servers that ask the client for one, followed by its chain (C(posttls-finger -k)).
    type: path
  client_key:
    description:
      - PEM file with the private key of O(client_certificate), not encrypted (C(posttls-finger -K)). The default is the same file.
      - There is a warning when every user of the machine can read it.
    type: path
  client_chain_files:
    description:
      - PEM files, each with a private key followed by its certificate and chain, in place of O(client_certificate)
        (C(posttls-finger -H)). One file for each kind of key.
    type: list
    elements: path
  keylog_file:
    description:
      - File to which the secrets of each TLS session are added in the format of NSS. Tools like C(tshark) decrypt a capture of the probe
        with it.
      - It is created with mode 0600, and refused when others can read it. It is not written in check mode.
      - Anything else than a file of the user who probes is refused as well, symbolic links, pipes and hard links among it.
    type: path
  trace_file:
    description:
      - File to which every TLS session is added in words, record by record in both directions. It has the handshake messages with what
        was offered and chosen, alerts and certificates. It is like C(posttls-finger -L ssl-handshake-packet-dump), but to be read.
      - TLS 1.3 is decrypted for it. Of TLS up to 1.2 what follows the change of ciphers is only named. It never holds secrets or
        what was said inside TLS.
      - It is created with mode 0600, and refused when others can read it. It is not written in check mode.
      - Anything else than a file of the user who probes is refused as well, symbolic links, pipes and hard links among it.
    type: path
  connect_timeout:
    description:
      - Seconds a server may take to accept the connection, and again to send its greeting (C(posttls-finger -t)).
    type: float
    default: 30
  command_timeout:
    description:
      - Seconds a server may take for each command, reply and for the TLS handshake (C(posttls-finger -T)). It is a limit for
        the whole exchange, however slowly bytes drip in.
    type: float
    default: 30
  deadline:
    description:
      - Seconds that the probe of one endpoint may take altogether, repeated tries included. Waiting for its turn and DNS do
        not count.
    type: float
    default: 120
"""

    KEYS = r"""
options:
  key_algorithms:
    description:
      - The kinds of server keys to ask for, each in a handshake of its own. A server with an RSA and an ECDSA certificate shows every
        client only one of them. A TLSA record may be missing for the other.
      - V(any) leaves the choice to the server, as mail servers do.
      - An endpoint is judged by the worst of those kinds that its server has. One that it does not have is told, but counts only
        when it has none of them. One of which this cannot be found out counts.
      - With the Python library C(cryptography) before version 38, the handshakes for V(rsa) and V(ecdsa) go up to TLS 1.2 only, with a
        warning. V(ed25519) is an error then.
      - In these handshakes a client certificate is sent only where its key is of the same kind.
    type: list
    elements: str
    choices: [any, rsa, ecdsa, ed25519]
    default: [any]
  raw_public_keys:
    description:
      - Ask the server for a raw public key in place of a certificate (RFC 7250, C(posttls-finger -x)).
      - Neither pyOpenSSL nor cryptography nor Python itself can negotiate them up to now, so V(true) is an error. Servers that
        have raw public keys have certificates with the same key as well, and match the same TLSA records V(3 1 x).
    type: bool
    default: false
"""
