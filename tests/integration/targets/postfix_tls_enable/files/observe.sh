#!/bin/sh
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints what an instance has, without what differs by chance: its parameters, its keys and certificates, and their modes.
# Time stamps in names are STAMP, fingerprints are DIGEST.
set -eu
directory=$1
{
    postconf -c "$directory" -n
    for file in "$directory"/*.pem; do
        [ -f "$file" ] || continue
        stat -c '%n %a %U %G %F' "$file"
        case $file in
            */*key-*) openssl pkey -in "$file" -noout -text_pub | grep -E 'bit|NIST' ;;
            *)
                openssl x509 -in "$file" -noout -text -certopt no_serial,no_validity,no_pubkey,no_sigdump
                openssl x509 -in "$file" -noout -pubkey | openssl pkey -pubin -noout -text | grep -E 'bit|NIST'
                begin=$(openssl x509 -in "$file" -noout -startdate | cut -d= -f2)
                end=$(openssl x509 -in "$file" -noout -enddate | cut -d= -f2)
                echo "valid for $(($(date -d "$end" +%s) - $(date -d "$begin" +%s))) seconds"
                ;;
        esac
    done
} | sed -E 's/[0-9]{8}-[0-9]{6}/STAMP/g; s/([0-9A-F]{2}:){19}[0-9A-F]{2}/DIGEST/g'
