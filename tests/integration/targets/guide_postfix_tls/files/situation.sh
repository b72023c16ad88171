#!/bin/sh
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes the configuration of a situation in place of what there is: situation.sh DIRECTORY KEYS WHAT ...
# KEYS is a folder with rsa.key, rsa.pem and so on; WHAT are lines for main.cf, and "rsa" or "ecdsa" for keys that are deployed, or
# "rsa-files" for others that are only there. DIR in lines is the directory.
# The names of deployed files come last, whatever new ones are called.
set -eu
directory=$1 keys=$2
shift 2
rm -rf "$directory"
mkdir -m 755 "$directory"
cat > "$directory/main.cf" <<END
compatibility_level = 3.6
myhostname = mx.example.org
mynetworks = 127.0.0.0/8
END
cat > "$directory/master.cf" <<END
smtp inet n - n - - smtpd
smtp unix - - n - - smtp
END
put() {
    install -m 600 "$keys/$1.key" "$directory/$2"
    install -m 644 "$keys/$1.pem" "$directory/$3"
}
for what in "$@"; do
    case $what in
        rsa) put rsa key-yesterday.pem cert-yesterday.pem
            echo "smtpd_tls_key_file = $directory/key-yesterday.pem
smtpd_tls_cert_file = $directory/cert-yesterday.pem" >> "$directory/main.cf" ;;
        ecdsa) put ecdsa eckey-yesterday.pem eccert-yesterday.pem
            echo "smtpd_tls_eckey_file = $directory/eckey-yesterday.pem
smtpd_tls_eccert_file = $directory/eccert-yesterday.pem" >> "$directory/main.cf" ;;
        rsa-files) put new key-2027.pem cert-2027.pem ;;
        *) echo "$what" | sed "s#DIR#$directory#g" >> "$directory/main.cf" ;;
    esac
done
