# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""First inputs of the fuzz targets of mailboxes, logins and messages: what real servers say, and what the RFCs have as examples."""

from __future__ import annotations

import base64
from collections.abc import Iterator

IMAP = [
    ("dovecot", b"* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ STARTTLS AUTH=PLAIN] Dovecot ready.\r\n"
                b"* CAPABILITY IMAP4rev1 SASL-IR STARTTLS LOGINDISABLED\r\na1 OK Pre-login capabilities listed, post-login have more.\r\n"
                b"a2 OK Begin TLS negotiation now.\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na3 OK\r\n"),
    ("select", b"* FLAGS (\\Answered \\Flagged)\r\n* OK [PERMANENTFLAGS (\\*)] Flags permitted.\r\n* 172 EXISTS\r\n"
               b"* OK [UIDVALIDITY 3857529045] UIDs valid\r\na4 OK [READ-WRITE] SELECT completed\r\n"),
    ("fetch", b'* 12 FETCH (FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE ("W" "x" (("T" NIL))))'
              b"\r\n* 4 FETCH (BODY[HEADER.FIELDS (DATE)]<0> {12}\r\nDate: x\r\n\r\n\r\n UID 7)\r\n"),
    ("search", b"* SEARCH 2 84 882\r\n* ESEARCH (TAG \"a5\") UID ALL 1:3\r\na5 OK\r\n* LIST (\\Junk) \"/\" {4}\r\nJunk\r\n"),
    ("literals", b"* X {3}\r\nabc {0}\r\n ~{2+}\r\nde {99999999999}\r\n"),
    ("login", b"+ \r\n+ dGVzdA==\r\na1 NO [AUTHENTICATIONFAILED] Failed.\r\n* BYE [ALERT] bye\r\n* PREAUTH\r\na1 OK\r\n"),
    ("odd", b'* OK [REFERRAL "]" \\"] x\r\n* OK [CAPABILITY \xc5\xbfTARTTLS\r\n* 99999999999 EXISTS\r\n* (((([[]\r\n*\r\n+\r\n\r\n'),
]  # fmt: skip
POP3 = [
    ("dovecot", b"+OK ready. <1896.697170952@dbc.mtview.ca.us>\r\n+OK\r\nCAPA\r\nSASL PLAIN LOGIN\r\nSTLS\r\n.\r\n+OK Begin TLS\r\n"),
    ("list", b"+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n+OK 120 octets\r\nReceived: x\r\n\r\n..dot\r\n.\r\n-ERR [SYS/TEMP] later\r\n"),
    ("uidl", b"+OK\r\n1 whqtswO00WBw418f9t5JxYwZ\r\n2 QhdPYR:00WBw1Ph7x7\r\n.\r\n+ dGVzdA==\r\n+\r\n-ERR [AUTH] no\r\n"),
    ("odd", b"+ok\n+OK\r\n.\n..\n.x\n.\r\n+O\xe2\x84\xaa\r\n* OK\r\n\r\n-err [in-use]\r\n"),
]
SIEVE = [
    ("pigeonhole", b'"IMPLEMENTATION" "Dovecot Pigeonhole"\r\n"SIEVE" "fileinto reject"\r\n"SASL" "PLAIN"\r\n"STARTTLS"\r\nOK "ready"\r\n'
                   b'OK "Begin TLS negotiation now."\r\n"SASL" "PLAIN LOGIN"\r\nOK "TLS negotiation successful."\r\n'),
    ("codes", b'NO (TRYLATER) "busy"\r\nOK (SASL "cnNwYXV0aD1lYQ==")\r\nBYE (X "a)") "go"\r\nOK (TAG {3}\r\nabc) {2}\r\nhi\r\n'),
    ("literals", b'{9}\r\nSTARTTLS?\r\n{0+}\r\n {4}\r\nSASL\r\n"active.sieve" ACTIVE\r\n"a\\"b\\\\" "c"\r\n'),
    ("odd", b'OKAY\r\n"never ends\r\nNO (X "y"\r\nok(y)"z"\r\n* OK\r\n\r\n'),
]  # fmt: skip
SMTP = [
    ("postfix", b"220 mail.example.org ESMTP\r\n250-mail\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n220 go\r\n250 AUTH=PLAIN\r\n"),
    ("login", b"334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 2.7.0 Authentication successful\r\n535 5.7.8 Error\r\n421 4.7.0 too many\r\n"),
]
SCRAM_FIRST = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
SCRAM_FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
CHALLENGES = [
    ("scram", 0, SCRAM_FIRST + b"\n" + SCRAM_FINAL + b"\n"),
    ("scram-success", 0, SCRAM_FIRST + b"\n" + SCRAM_FINAL),
    ("scram-wrong", 0, SCRAM_FIRST + b"\nv=AAAA\n"),
    ("scram-nonce", 0, b"r=rOprNGfwEbeRWgbNEkqO,s=W22Z,i=4096\n"),
    ("scram-many", 0, SCRAM_FIRST[:-4] + b"1000000000\n"),
    ("scram-none", 0, SCRAM_FIRST[:-4] + b"0\n"),
    ("scram-twice", 0, SCRAM_FIRST + b",i=1\n"),
    ("scram-mandatory", 0, b"m=x," + SCRAM_FIRST + b"\n"),
    ("scram-error", 1, b"e=invalid-proof\n"),
    ("plain", 2, b"\n"),
    ("login", 3, b"Username:\nPassword:\n"),
    ("cram", 4, b"<1896.697170952@postoffice.reston.mci.net>\n"),
    ("xoauth2", 5, b'{"status":"400","schemes":"bearer"}\n'),
    ("oauthbearer", 6, b'{"status":"invalid_token"}\n\n'),
    ("external", 7, b"\n"),
]
RECEIVED = [
    ("postfix", "from a.example.net (a.example.net [192.0.2.9])\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))\n"
                "\tby mail.example.org (Postfix) with ESMTPS id 1CF5FC0AAE\n\tfor <a@example.org>; Sun, 29 Nov 2026 01:00:00 +0000 (UTC)"),
    ("exim", "from [192.0.2.9] (helo=x) by mail.example.org with esmtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 id 1x; 1 Jan 2026 1:2:3 -08"),
    ("exchange", "from A.prod (2603:10a6::1) by B with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_X) id 15; 2 Feb 2026 3:4:5 +0"),
    ("two", "by a with LMTPS id x; 29 Nov 2026 01:00:07 +0000\0from b by c with SMTP; 29 Nov 2026 01:00:00 +0000"),
    ("odd", "from (((\"by; \\) from x [IPv6:::1] by by with with id id for <<>>; 99 Foo 9999999999 99:99:99 +9999999"),
]  # fmt: skip
_HEADER = b"X-Mailops-Probe: mailops-probe-" + b"a" * 32 + b"\r\nDate: Sun, 29 Nov 2026 01:00:00 +0000\r\n\r\n"
RETRIEVALS = [
    ("imap", 0, b"* OK x\r\n* CAPABILITY IMAP4rev1 UIDPLUS\r\na1 OK\r\n* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* OK [UIDNEXT 9] x\r\na2 OK\r\n"
                b"a3 OK\r\n* SEARCH 7\r\na4 OK\r\n* 3 FETCH (UID 7 BODY[HEADER.FIELDS (X-Mailops-Probe)]<0> {%d}\r\n%s)\r\na5 OK\r\n"
                b"* 3 FETCH (UID 7 RFC822.SIZE 99 BODYSTRUCTURE (\"TEXT\" \"PLAIN\") BODY[HEADER]<0> {%d}\r\n%s)\r\na6 OK\r\n"
                b"* 3 FETCH (UID 7 BODY[TEXT]<0> {5}\r\none\r\n)\r\na7 OK\r\na8 OK\r\na9 OK\r\n" % ((len(_HEADER), _HEADER) * 2)),
    ("imap-junk", 0, b"* OK x\r\n* CAPABILITY SPECIAL-USE\r\na1 OK\r\n* LIST (\\Junk) \"/\" &APw-ber\r\na2 OK\r\na3 NO\r\n"
                     b"* 1 EXISTS\r\na4 OK\r\na5 OK\r\n"),
    ("pop3", 1, b"+OK x\r\n+OK\r\n.\r\n+OK 1 99\r\n+OK 1 abc\r\n+OK\r\n%s.\r\n+OK 1 99\r\n+OK\r\n%sone\r\n.two\n.\r\n.\r\n+OK\r\n+OK\r\n"
                % (_HEADER, _HEADER)),
    ("pop3-stale", 3, b"+OK x\r\n+OK\r\n.\r\n+OK 1 99\r\n+OK 1 abc\r\n+OK\r\n%s.\r\n+OK\r\n+OK\r\n"
                      % _HEADER.replace(b"a" * 32, b"b" * 32)),
]  # fmt: skip
RESULTS = [
    ("usual", 'mail.example.org; spf=pass smtp.mailfrom=example.net; dkim=pass (good signature) header.d=example.net header.b="a b"'),
    ("none", "example.org 1; none"),
    ("comments", 'foo.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot) . x = y'),
    ("odd", '"a;b"; =; x=; x=y reason="\\"" a.b = (("; c . d=e;;; f/9=g'),
]


def mail_seeds() -> Iterator[tuple[str, str, bytes]]:
    """Yield harness, name and bytes of every first input."""
    for kind, (harness, said) in enumerate((("imap", IMAP), ("pop3", POP3), ("sieve", SIEVE), ("submission", SMTP))):
        for name, data in said:
            if harness != "submission":
                yield harness, name, (b"\x0c\x2a" if harness == "pop3" else b"\x0c") + data
            yield "mailbox", f"{harness}-{name}", bytes([kind | 0x20, 0xFF]) + data
    for number, (name, data) in enumerate((name, data) for said in (IMAP, POP3, SIEVE, SMTP) for name, data in said):
        yield "mailbox", f"inside-{name}-{number}", bytes([4 | number % 4, 0xFF]) + data
    for name, number, data in CHALLENGES:
        yield "challenge", name, bytes([number]) + data
        yield from logins(name, number, data)
    for name, kind, data in RETRIEVALS:
        yield "retrieval", name, bytes([kind, 0xFF]) + data
    for name, text in RECEIVED:
        yield "received", name, text.encode()
    for name, text in RESULTS:
        yield "authentication_results", name, text.encode()


def logins(name: str, number: int, data: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Yield an exchange as one of the protocols carries it, each mechanism by another."""
    lines = [base64.b64encode(line) for line in data.split(b"\n")[:-1]]
    said = [
        b"* OK x\r\n* CAPABILITY SASL-IR\r\na1 OK\r\n" + b"".join(b"+ " + line + b"\r\n" for line in lines) + b"a2 OK in\r\n",
        b"+OK x\r\n+OK\r\nSASL X\r\n.\r\n" + b"".join(b"+ " + line + b"\r\n" for line in lines) + b"+OK in\r\n",
        b'"SASL" "X"\r\nOK\r\n' + b"".join(b'"' + line + b'"\r\n' for line in lines) + b"OK in\r\n",
        b"220 x\r\n250 x\r\n" + b"".join(b"334 " + line + b"\r\n" for line in lines) + b"235 2.7.0 in\r\n",
    ]
    kind = len(name) % 4
    yield "login", name, bytes([kind | number << 2, 0xFF]) + said[kind]
