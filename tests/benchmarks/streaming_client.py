# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a file with so many results (`FOLDER COUNT make`), or goes on with it (`FOLDER COUNT resume`) and says what that took."""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.deciding_options import deciding_options
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.options import smtp_options
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.run import run_smtp_probe
from ansible_collections.mailops.tls.plugins.module_utils._results.json_line import RunIdentity, header_line, result_line
from ansible_collections.mailops.tls.tests.unit.makers.audits import audited, certificate, endpoint


def make(params: dict[str, Any], count: int) -> None:
    """Write the list and its results, as a run with these parameters would."""
    options = smtp_options(params)
    deciding = deciding_options(params, ehlo_name=options.settings.dialogue.ehlo_name, nameservers=options.dns.asked())
    identity, now = RunIdentity("bench", "probe.example.net"), datetime.now(timezone.utc)
    with Path(params["destinations_file"]).open("w", encoding="ascii") as listed, Path(params["results_file"]).open("wb") as results:
        Path(params["results_file"]).chmod(0o600)
        results.write(header_line(identity, now, deciding))
        for number in range(count):
            host = f"mx.domain{number}.example"
            chain = [certificate(host, key=str(number), serial=str(number)), certificate("authority")]
            listed.write(f"domain{number}.example\n")
            results.write(result_line(identity, now, audited(f"domain{number}.example", endpoint(host, chain=chain))))


def go_on(params: dict[str, Any]) -> dict[str, Any]:
    """Go on with it."""
    before, began, cpu = peak(), time.monotonic(), time.process_time()
    facts = run_smtp_probe({**params, "resume": True}).facts
    took = {"wall": time.monotonic() - began, "cpu": time.process_time() - cpu, "grown": peak() - before}
    return {**took, "resumed": facts["resumed"]["results"], "destinations": facts["summary"]["destinations"]}


def peak() -> float:
    """The peak resident set by now in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Do what the arguments say."""
    folder, count, what = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    params = {name: option.get("default") for name, option in smtp_arguments().items()}
    params.update(destinations_file=str(folder / "list"), results_file=str(folder / "results.jsonl"), ehlo_name="probe.test")
    params.update({"nameservers": ["127.0.0.1"], "return": "summary"})
    if what == "make":
        make(params, count)
    else:
        print(json.dumps(go_on(params)))


if __name__ == "__main__":
    main()
