#!/bin/sh
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# servers.sh start|stop FOLDER: BIND on 127.0.53.1 and Knot on 127.0.53.2, both primary and signing for example.org and example.net,
# with their files below the folder. The key tlsa-update and those with odd names may change TLSA records, the key idle nothing.
set -eu
action=$1
folder=$2
secret="c2VjcmV0IG9mIHRoZSB0ZXN0cyBvbmx5ISEhISEhISE="
zones="example.org example.net"

bind_conf() {
    cat <<END
key "tlsa-update" { algorithm hmac-sha256; secret "$secret"; };
key "strong" { algorithm hmac-sha512; secret "$secret"; };
key "idle" { algorithm hmac-sha256; secret "$secret"; };
key "20260101" { algorithm hmac-sha256; secret "$secret"; };
key "mx1/tlsa" { algorithm hmac-sha256; secret "$secret"; };
key "_a\\032b\\.c.Example" { algorithm hmac-sha256; secret "$secret"; };
options {
    directory "$folder/bind";
    pid-file "$folder/bind/pid";
    session-keyfile "$folder/bind/session.key";
    managed-keys-directory "$folder/bind";
    listen-on { 127.0.53.1; };
    listen-on-v6 { none; };
    recursion no;
    empty-zones-enable no;
    dnssec-validation no;
    notify no;
};
controls { };
logging { channel file { file "$folder/bind/log"; severity info; }; category default { file; }; };
END
    for zone in $zones; do
        echo "zone \"$zone\" { type primary; file \"$folder/bind/$zone\"; dnssec-policy default;"
        echo "    update-policy { grant tlsa-update zonesub TLSA; grant strong zonesub TLSA; grant local-ddns zonesub TLSA;"
        printf '    grant "20260101" zonesub TLSA; grant "mx1/tlsa" zonesub TLSA; grant "%s" zonesub TLSA; }; };\n' '_a\032b\.c.example'
    done
}

knot_conf() {
    cat <<END
server:
    rundir: $folder/knot
    listen: 127.0.53.2@53
    pidfile: $folder/knot/pid
log:
  - target: $folder/knot/log
    any: info
control:
    listen: $folder/knot/socket
database:
    storage: $folder/knot
key:
  - id: tlsa-update
    algorithm: hmac-sha256
    secret: $secret
  - id: strong
    algorithm: hmac-sha512
    secret: $secret
  - id: idle
    algorithm: hmac-sha256
    secret: $secret
  - id: 20260101
    algorithm: hmac-sha256
    secret: $secret
  - id: mx1/tlsa
    algorithm: hmac-sha256
    secret: $secret
  - id: "_a\\032b\\.c.example"
    algorithm: hmac-sha256
    secret: $secret
acl:
  - id: update
    key: [tlsa-update, strong, 20260101, mx1/tlsa, "_a\\032b\\.c.example"]
    action: update
    update-type: [TLSA]
  - id: idle
    key: idle
    action: transfer
policy:
  - id: sign
    algorithm: ecdsap256sha256
    single-type-signing: on
template:
  - id: default
    storage: $folder/knot
    dnssec-signing: on
    dnssec-policy: sign
    acl: [update, idle]
zone:
END
    for zone in $zones; do
        echo "  - domain: $zone"
        echo "    file: $folder/knot/$zone"
    done
}

zone_text() {
    cat <<END
\$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.53.1
mx A 192.0.2.1
_587._tcp.mx CNAME tlsa.mx
*.wild TLSA 3 1 1 1111111111111111111111111111111111111111111111111111111111111111
END
}

case $action in
start)
    for server in bind knot; do
        mkdir -p "$folder/$server"
        for zone in $zones; do
            zone_text >"$folder/$server/$zone"
        done
    done
    (umask 077 && bind_conf >"$folder/bind/conf" && knot_conf >"$folder/knot/conf")
    ip address replace 127.0.53.1/8 dev lo # BIND listens on addresses that interfaces have
    named -4 -n 1 -c "$folder/bind/conf"
    knotd -d -c "$folder/knot/conf"
    ;;
stop)
    ip address delete 127.0.53.1/8 dev lo || true
    for pid_file in "$folder/bind/pid" "$folder/knot/pid"; do
        [ -f "$pid_file" ] || continue
        pid=$(cat "$pid_file")
        kill "$pid" || continue
        while kill -0 "$pid" 2>/dev/null; do
            sleep 0.1
        done
    done
    ;;
esac
