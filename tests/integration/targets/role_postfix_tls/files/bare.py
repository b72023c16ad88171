# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Postfix of somebody who never thought of TLS: `bare.py FOLDER HOST PORT`. It is started, and stopped by `bare.py FOLDER stop`.

The instance is that of the target postfix_tls_deploy, without its TLS.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "postfix_tls_deploy" / "files"))
import instance as postfix_instance  # noqa: E402


def make(folder: Path, host: str, port: int) -> None:
    """Make and start it."""
    config = postfix_instance.make(folder)
    main = (config / "main.cf").read_text().replace(postfix_instance.HOST, host)
    without = [line for line in main.splitlines(keepends=True) if "tls_" not in line]
    (config / "main.cf").write_text("".join(without))
    starttls, implicit = (f"127.0.0.1:{one} inet" for one in (postfix_instance.STARTTLS_PORT, postfix_instance.IMPLICIT_PORT))
    master = (config / "master.cf").read_text().split(implicit)[0].replace(starttls, f"127.0.0.1:{port} inet")
    (config / "master.cf").write_text(master)
    postfix_instance.postfix(config, "start")


if __name__ == "__main__":
    if sys.argv[2] == "stop":
        postfix_instance.postfix(Path(sys.argv[1]) / "etc", "stop")
    else:
        make(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
