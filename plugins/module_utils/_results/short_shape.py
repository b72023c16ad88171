# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shape of a result as short as its line, before anything is put back into it. Pure.

What has it, has the shape of a result when `whole` has made it whole, and nothing else does. So a run that goes on with 100,000 lines need
not make them whole: of most it wants to know no more than who they are about and how it ended.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.mailops.tls.plugins.module_utils._results.shape import RESULT, LeftOut, Maybe, Shape, has_shape
from ansible_collections.mailops.tls.plugins.module_utils._results.short_line import OPTIONAL, WHOLE_RESULT, WholeMapping

_NOTHING_LEFT_OUT = WholeMapping()


def _short(shape: Any, kind: WholeMapping) -> Any:
    """Return the shape of what becomes this shape when it is made whole."""
    if isinstance(shape, Maybe):
        return Maybe(_short(shape.shape, kind))
    if isinstance(shape, list):
        return [_short(shape[0], kind)]
    if not isinstance(shape, dict):
        return shape
    found = {name: _short(one, kind.parts.get(name, _NOTHING_LEFT_OUT)) for name, one in shape.items()}
    return {name: LeftOut(one) if _can_be_left_out(name, one, kind) else one for name, one in found.items()}


def _can_be_left_out(name: str, shape: Any, kind: WholeMapping) -> bool:
    """Tell whether what is put back in place of an item, if anything is, has its shape. What is found by items beside it has."""
    if name in kind.usual:
        usual = kind.usual[name]
        return callable(usual) or has_shape(usual, shape)
    return name in kind.parts and name not in OPTIONAL and has_shape({}, shape)


SHORT_RESULT: Shape = _short(RESULT, WHOLE_RESULT)
