# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In the place of community.general.nsupdate: keeps each RRset in the file GUIDE_UPDATES, from which the test publishes it."""

from __future__ import annotations

import json
import os

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Take one RRset."""
    options = {name: {"type": "str", "required": True} for name in ("server", "zone", "record", "type")}
    values = {"ttl": {"type": "int", "default": 3600}, "value": {"type": "list", "elements": "str"}}
    module = AnsibleModule({**options, **values})
    with open(os.environ["GUIDE_UPDATES"], "a", encoding="utf-8") as file:
        file.write(json.dumps({name: module.params[name] for name in ("record", "type", "value")}) + "\n")
    module.exit_json(changed=True)


if __name__ == "__main__":
    main()
