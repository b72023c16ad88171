#!/bin/sh
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Prints what instances have, without what differs by chance or by its place: observe.sh OBSERVE ID DIRECTORY ...
# A line "=== NEXT" is between two of them.
# Parameters, modes and owners, and the certificates as OpenSSL reads them, are told by OBSERVE, the script of the target
# postfix_tls_enable. Here come the certificates as GnuTLS reads them. ID is what files have in place of a time in their names.
set -eu
observe=$1 id=$2
shift 2
look_at() {
    sh "$observe" "$1"
    for file in "$1"/*key-*.pem "$1"/*cert-*.pem; do
        [ -f "$file" ] || continue
        echo "$file by GnuTLS:"
        case $file in
            */*key-*) certtool --key-info --infile "$file" | grep -E '^[[:space:]]*(Key Security Level|Curve|Public Key Algorithm):' ;;
            *)
                certtool --certificate-info --infile "$file" | sed -E '/-----BEGIN/,/-----END/d
                    /^[[:space:]]*([0-9a-f]{2}:)*[0-9a-f]{2}:?$/d
                    /^[[:space:]]*(Serial Number|Not (Before|After)|sha1:|sha256:|pin-sha256:).*/d
                    s/[0-9a-f]{40,}/HEX/g'
                ;;
        esac
    done
}
first=yes
for directory in "$@"; do
    [ -n "$first" ] || echo "=== NEXT"
    first=
    look_at "$directory" | sed -E "/^\$/d; s#$directory#DIR#g; s/[0-9]{8}-[0-9]{6}/STAMP/g; s/((key|cert)-)$id\\.pem/\\1STAMP.pem/g"
done
