#!/bin/sh
# Makes the files that the table of steps and outcomes needs beside the keys and certificates of ../certs/make.sh.
# usage: make.sh CERTS      (fills CERTS/table, unless that is complete and newer than this script and the certificates)
#
#   good.der rsa-good.der          OCSP responses for ecdsa.pem and rsa.pem
#   revoked.der unknown.der        for ecdsa.pem as well, with another answer
#   stranger.der                   a good one for ecdsa.pem, signed by a root that has not issued it
#   namesake.der                   a good one, signed by a stranger with the name of a delegate of its issuer, whose certificate it has too
#   expired.der future.der         as good.der, with other dates
#   refusal.der                    a response without an answer: try later
#   staple .pem .key, staple.der   a certificate that demands an OCSP response, and one for it
#   ecdsa.pin rsa.pin inter.pin ca.pin   pins of these certificates
#   root.crl inter.crl             the two lists of crl.pem, each by itself
#   plain.p12                      ecdsa without a password
#   keyless.p12 bare.p12           without a key, and without a certificate
#   ech.pem ech.configs            a key for Encrypted ClientHello with the public name other.example, and the ECHConfigList for it
#   ech-new.pem ech-new.configs    another one
#   tickets/SEED.LENGTH            ticket keys, one each, as nginx has them; keys.LENGTH and others: several, as HAProxy has them
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
exec 9>lock
! command -v flock >/dev/null || flock 9
mkdir -p table
if [ -f table/complete ] && [ -n "$(find table/complete -newer "$here/make.sh" -newer "$here/redate.py" -newer "$here/enclose.py" -newer "$here/ticket_keys.py" -newer complete)" ]; then exit 0; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# ../certs/ca.cnf names it.
export CA_WORK="$work"

# Shows what a command says only if it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

# answer NAME CERTIFICATE LINE SIGNER: a response whose answer the line of an index gives; without one it is "unknown".
answer() {
    serial=$(openssl x509 -noout -serial -in "$2.pem" | sed 's/serial=//')
    printf "$3" "$serial" >"$work/index"
    quietly openssl ocsp -index "$work/index" -CA inter.pem -issuer inter.pem -cert "$2.pem" -rsigner "$4.pem" -rkey "$4.key" \
        -ndays 3650 -no_nonce -noverify -respout "table/$1.der"
}

valid='V\t491231235959Z\t\t%s\tunknown\t/CN=localhost\n'
quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -config "$here/../certs/ca.cnf" -subj /CN=localhost \
    -extensions server -addext tlsfeature=status_request -days 3650 -keyout table/staple.key -out table/staple.pem \
    -CA inter.pem -CAkey inter.key
cat inter.pem >>table/staple.pem
answer good ecdsa "$valid" inter
answer rsa-good rsa "$valid" inter
answer staple table/staple "$valid" inter
answer stranger ecdsa "$valid" unknown-ca
answer revoked ecdsa 'R\t491231235959Z\t250101000000Z,keyCompromise\t%s\tunknown\t/CN=localhost\n' inter
answer unknown ecdsa '' inter
python3 "$here/redate.py" table/good.der inter.key 20200101000000Z 20200201000000Z table/expired.der
python3 "$here/redate.py" table/good.der inter.key 20480101000000Z 20490101000000Z table/future.der
# A program that compares names finds all three the same, though their bytes differ.
quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=responder -days 3650 -keyout "$work/delegate.key" \
    -addext extendedKeyUsage=OCSPSigning -out "$work/delegate.pem" -CA inter.pem -CAkey inter.key
quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=Responder -days 3650 -keyout "$work/stranger.key" \
    -out "$work/stranger.pem"
quietly openssl req -x509 -key "$work/stranger.key" -subj /CN=responder -days 3650 -out "$work/namesake.pem"
printf "$valid" "$(openssl x509 -noout -serial -in ecdsa.pem | sed 's/serial=//')" >"$work/index"
quietly openssl ocsp -index "$work/index" -CA inter.pem -issuer inter.pem -cert ecdsa.pem -rsigner "$work/namesake.pem" \
    -rkey "$work/stranger.key" -resp_no_certs -ndays 3650 -no_nonce -noverify -respout "$work/bare.der"
python3 "$here/enclose.py" "$work/bare.der" table/namesake.der "$work/stranger.pem" "$work/delegate.pem"
# OCSPResponse with the status tryLater (RFC 6960, section 4.2.1).
printf '\060\003\012\001\003' >table/refusal.der

for name in ecdsa rsa inter ca; do
    digest=$(openssl x509 -in "$name.pem" -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | openssl base64)
    printf 'sha256//%s' "$digest" >"table/$name.pin"
done

# crl.pem has the list of the intermediate first.
openssl crl -in crl.pem -out table/inter.crl
sed '1,/END X509 CRL/d' crl.pem >table/root.crl

quietly openssl pkcs12 -export -in ecdsa.pem -inkey ecdsa.key -passout pass: -out table/plain.p12
quietly openssl pkcs12 -export -in ecdsa.pem -nokeys -passout pass:sesame -out table/keyless.p12
quietly openssl pkcs12 -export -nocerts -inkey ecdsa.key -passout pass:sesame -out table/bare.p12

# ech_key NAME NUMBER: the number is the config_id, in octal digits. RFC 9849, 4: X25519, HKDF-SHA256, AES-128-GCM.
ech_key() {
    quietly openssl genpkey -algorithm X25519 -out "$work/key"
    {
        printf '\000\100\376\015\000\074'"\\$2"'\000\040\000\040'
        openssl pkey -in "$work/key" -pubout -outform DER | tail -c 32
        printf '\000\004\000\001\000\001\000\015other.example\000\000'
    } >"table/$1.configs"
    {
        cat "$work/key"
        echo "-----BEGIN ECHCONFIG-----"
        openssl base64 -in "table/$1.configs"
        echo "-----END ECHCONFIG-----"
    } >"table/$1.pem"
}
ech_key ech 001
ech_key ech-new 002
python3 "$here/ticket_keys.py" table/tickets
: >table/complete
