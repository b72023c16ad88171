#!/bin/sh
# Copyright (c) 2026, the mailops.tls authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Makes keys of every kind, certificates of an issuer and its root, and requests, in the folder given, and digests.json with
# what openssl says of them.
set -eu
cd "$1"
umask 077

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null
openssl ecparam -name prime256v1 -genkey -out ecdsa.key # with EC PARAMETERS before the key, as Postfix makes it
openssl genpkey -algorithm ED25519 -out ed25519.key
openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out rsa-pss.key 2>/dev/null
for name in root issuer; do
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $name.key
done
openssl req -x509 -new -key root.key -subj "/CN=Test root" -days 30 -addext keyUsage=critical,keyCertSign -out root.pem
echo "basicConstraints=critical,CA:TRUE" >issuer.ext
openssl req -new -key issuer.key -subj "/CN=Test issuer" |
    openssl x509 -req -CA root.pem -CAkey root.key -CAcreateserial -days 30 -extfile issuer.ext -out issuer.pem 2>/dev/null
for name in rsa ecdsa ed25519 rsa-pss; do
    openssl req -new -key $name.key -subj "/CN=mx.example.org" -out $name.csr
    openssl x509 -req -in $name.csr -CA issuer.pem -CAkey issuer.key -CAcreateserial -days 30 -out $name.pem 2>/dev/null
    openssl pkey -in $name.key -pubout -out $name.pub
    cat $name.pem issuer.pem root.pem >$name.chain
    cat $name.key $name.pem issuer.pem >$name.combined
    openssl x509 -in $name.pem -outform DER -out $name.der
done
openssl req -x509 -new -key ecdsa.key -subj "/CN=mx.example.org" -days 30 -out self-signed.pem
openssl pkey -in rsa.key -aes256 -passout pass:secret -out encrypted.key
: >empty.pem
cat issuer.pem ecdsa.pem >disordered.chain

public() { # digest, certificate
    openssl x509 -in "$2" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst "$1" -r | cut -d ' ' -f 1
}
whole() { # digest, certificate
    openssl x509 -in "$2" -outform DER | openssl dgst "$1" -r | cut -d ' ' -f 1
}
{
    echo "{"
    for name in rsa ecdsa ed25519 rsa-pss issuer root; do
        echo "\"$name\": {\"key\": {\"sha256\": \"$(public -sha256 $name.pem)\", \"sha512\": \"$(public -sha512 $name.pem)\"},"
        echo "\"certificate\": {\"sha256\": \"$(whole -sha256 $name.pem)\", \"sha512\": \"$(whole -sha512 $name.pem)\"}},"
    done
    echo "\"end\": null}"
} >digests.json
