# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the module of this name: takes its options, and fails for the server `refuses.test`."""

from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.mailops.tls.plugins.module_utils._module.tlsa_publish.arguments import exclusions, publish_arguments


def main() -> None:
    """Run the stand-in."""
    module = AnsibleModule(argument_spec=publish_arguments(), supports_check_mode=True, **exclusions())
    given = {name: value for name, value in module.params.items() if value is not None}
    host = os.path.basename(module._remote_tmp)
    line = {"module": "tlsa_publish", "server": host, "check": module.check_mode, "options": given}
    with open(os.environ["ROLLOVER_JOURNAL"], "a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
    if given.get("server") == "refuses.test":
        module.fail_json(msg="REFUSED")
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
