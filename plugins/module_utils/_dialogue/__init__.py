# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail protocols up to STARTTLS and the second greeting, each as a machine without IO.

A dialogue is asked for its next step: send these bytes, wait, start TLS, or the end. Received bytes are handed in. It opens no
socket, knows no clock and never waits, so every answer of every odd server is a unit test of a few lines.

- `machine.py` is what a dialogue and its driver say to each other. It is the same for every protocol, `http.py` included.
- `smtp.py` speaks SMTP and LMTP; `imap.py`, `pop3.py` and `managesieve.py` speak to mailboxes, each by a script (`talk.py`).
- `login.py` is one login; `imap_login.py`, `pop3_login.py`, `sieve_login.py` and `submission.py` carry it, `concealed.py` hides it.
- An errand (`talk.py`) is what a client came for: a maker carries it, the dialogue runs it once the capabilities are known that count.
  `talk.secured` is then the TLS session, for a verdict and for channel bindings. Such a plan is one connection, never shared or repeated:

      @dataclass(frozen=True, eq=False)
      class SayHello:                              # SubmissionSettings(ehlo_name=..., errand=SayHello(judge))
          judge: SessionJudge
          def run(self, talk):
              if talk.secured and self.judge.vouches(talk.secured.session()):
                  talk.log.learned.append((yield from talk.command(LoginPhase.AUTH, b"NOOP")))
- `transaction.py` hands over a message; `imap_retrieval.py` and `pop3_retrieval.py` find it (`retrieval.py`); `steps.py` is what was said.
- Readers make replies of whatever bytes arrive, within limits: `reply.py` for SMTP; `imap_response.py`, `pop3_reply.py` and
  `sieve_response.py` over `lines.py`. A capability is read there, and kept by its dialogue. `server_reply.py` shows one in results.

Who may enter: engines and the storeys above. The driver is `_probe/connection.py`. This room uses `_sasl/`, `_tls/` and the ground.
Where to begin: `machine.py`, then `smtp.py`. Another protocol is another dialogue and another reader, with the same steps.

Rules of the room:

- Whatever a server says ends in a step or in a `Failure`, never in another exception.
- Limits are in the readers. Of SMTP, a line is kept up to 2 kB and read up to 4 kB; a reply has at most 128 lines and 64 kB.
- Bytes behind the reply to STARTTLS are counted as injected and thrown away. They never count as said inside TLS.
- A dialogue says what it saw (`DialogueLog`). What that is worth is judged elsewhere.
"""
