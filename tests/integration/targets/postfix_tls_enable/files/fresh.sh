#!/bin/sh
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the configuration of somebody who never thought of TLS, with what $MAIN and $MASTER add, in place of what there is.
set -eu
directory=$1
rm -rf "$directory"
mkdir -m 755 "$directory"
cat > "$directory/main.cf" <<END
compatibility_level = 3.6
myhostname = mx.example.net
mynetworks = 127.0.0.0/8
${MAIN-}
END
cat > "$directory/master.cf" <<END
smtp inet n - n - - smtpd
smtp unix - - n - - smtp
${MASTER-}
END
