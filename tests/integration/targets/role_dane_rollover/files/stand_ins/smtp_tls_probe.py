# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the module of this name: takes its options, and says in its results only who has looked.

Who that is, is told by the last part of the remote folder for temporary files.
"""

from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mailops.tls.plugins.module_utils._module.smtp_tls_probe.arguments import smtp_arguments


def main() -> None:
    """Run the stand-in."""
    module = AnsibleModule(argument_spec=smtp_arguments(), supports_check_mode=True)
    vantage = os.path.basename(module._remote_tmp)
    given = {name: value for name, value in module.params.items() if value is not None}
    line = {"module": "smtp_tls_probe", "server": vantage, "check": module.check_mode, "options": given}
    with open(os.environ["ROLLOVER_JOURNAL"], "a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
    if given.get("nameservers") == ["broken.test"]:
        module.fail_json(msg="the resolver is no address")
    results = [{"destination": one, "seen_from": vantage, "tls_mode": given["tls_mode"]} for one in given["destinations"]]
    module.exit_json(changed=False, results=results, summary={}, report=[])


if __name__ == "__main__":
    main()
