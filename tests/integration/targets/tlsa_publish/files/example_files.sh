#!/bin/sh
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# example_files.sh FOLDER SECRET: the files that the examples of tlsa_publish name.
set -eu
mkdir -p "$1"
cd "$1"
umask 077
for name in mx.example.org mx.example.org.next; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=mx.example.org" -keyout $name.key -out $name.pem 2>/dev/null
done
openssl req -new -key mx.example.org.next.key -subj "/CN=mx.example.org" -out mx.example.org.next.csr
printf 'key "tlsa-update" { algorithm hmac-sha256; secret "%s"; };\n' "$2" >tlsa-update.key
