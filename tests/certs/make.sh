#!/bin/sh
# Makes the throw-away keys and certificates of all test suites.
# usage: make.sh OUTDIR      (does nothing if OUTDIR is complete and newer than this script)
#
#   ca.pem ca.key                  the root to trust; inter.pem inter.key: the intermediate that signs
#   rsa ecdsa ed25519 .pem .key    for localhost, 127.0.0.1 and ::1; each .pem is leaf + intermediate
#   rsa-encrypted.key              rsa.key under the password "sesame"; "wrong" and "open" are refused as "bad decrypt"
#   ecdsa.p12                      ecdsa.pem and ecdsa.key as PKCS#12 under the password "sesame"
#   ecdsa-key.p12                  ecdsa.key alone, under the same
#   client .pem .key               for TLS clients
#   expired wrong-name revoked     as ecdsa, but of 2020, for other.example, and revoked
#   names .pem .key                for names and addresses of many kinds: see ca.cnf
#   self-signed .pem .key          for localhost, signed by itself
#   crl.pem                        revocation lists of root and intermediate
#   unknown-ca.pem unknown-ca.key  a root nobody uses
#   twin-ca twin .pem .key         a root of the same name as ca.pem, and what it signed for localhost
#   plain twin-plain .pem .key     for localhost, servers and clients, signed by ca and twin-ca, without key identifiers
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
out=$1
mkdir -p "$out"
cd "$out"
# Several processes of one test may want the folder at once: the first makes it.
exec 9>lock
! command -v flock >/dev/null || flock 9
if [ -f complete ] && [ -n "$(find complete -newer "$here/make.sh" -newer "$here/ca.cnf")" ]; then
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
conf=$here/ca.cnf
export CA_WORK="$work"

key_options() {
    case $1 in
    rsa) echo "-newkey rsa:2048" ;;
    ed25519) echo "-newkey ed25519" ;;
    *) echo "-newkey ec -pkeyopt ec_paramgen_curve:P-256" ;;
    esac
}

# certificate NAME SUBJECT EXTENSIONS [more options]: a key and a certificate, signed by itself by default.
certificate() {
    name=$1 subject=$2 extensions=$3
    shift 3
    # The key options are several words on purpose.
    # shellcheck disable=SC2046
    quietly openssl req -x509 $(key_options "$name") -noenc -config "$conf" -subj "$subject" \
        -extensions "$extensions" -days 3650 -keyout "$name.key" -out "$name.pem" "$@"
}

# leaf NAME SUBJECT EXTENSIONS: as certificate, signed by the intermediate and followed by it.
leaf() {
    certificate "$@" -CA inter.pem -CAkey inter.key
    cat inter.pem >>"$1.pem"
}

# Shows what a command says only if it fails.
quietly() {
    "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

database() {
    : >"$work/index"
    echo 1000 >"$work/serial"
    echo 01 >"$work/crlnumber"
}

certificate ca "/CN=tlsock test root" root
certificate unknown-ca "/CN=tlsock unknown root" root
certificate twin-ca "/CN=tlsock test root" root
certificate twin "/O=tlsock/CN=localhost" server -CA twin-ca.pem -CAkey twin-ca.key
certificate plain "/O=tlsock/CN=localhost" plain -CA ca.pem -CAkey ca.key
certificate twin-plain "/O=tlsock/CN=localhost" plain -CA twin-ca.pem -CAkey twin-ca.key
certificate inter "/CN=tlsock test intermediate" intermediate -CA ca.pem -CAkey ca.key
for name in rsa ecdsa ed25519 revoked; do
    leaf $name "/O=tlsock/CN=localhost" server
done
quietly openssl pkcs12 -export -in ecdsa.pem -inkey ecdsa.key -passout pass:sesame -out ecdsa.p12
quietly openssl pkcs12 -export -nocerts -inkey ecdsa.key -passout pass:sesame -out ecdsa-key.p12
leaf client "/O=tlsock/CN=client" client
leaf names "/O=tlsock/CN=names" names
leaf wrong-name "/O=tlsock/CN=other.example" other
certificate self-signed "/O=tlsock/CN=localhost" server
# A wrong password decrypts one file in 256 to nonsense, which is found later and told in other words. These are the wrong
# ones that tests use.
refuses() { # PASSWORD
    openssl pkey -in rsa-encrypted.key -passin "pass:$1" -noout 2>&1 | grep -qi 'bad decrypt'
}
for attempt in 1 2 3 4 5 6 7 8; do
    quietly openssl pkey -in rsa.key -aes256 -passout pass:sesame -out rsa-encrypted.key
    if refuses wrong && refuses open; then break; fi
    [ "$attempt" != 8 ] || { echo "no wrong password gives 'bad decrypt'" >&2; exit 1; }
done

# Only "openssl ca" can sign for the past.
database
quietly openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -config "$conf" \
    -subj "/O=tlsock/CN=localhost" -keyout expired.key -out "$work/expired.csr"
quietly openssl ca -batch -notext -config "$conf" -cert inter.pem -keyfile inter.key -extensions server \
    -startdate 20200101000000Z -enddate 20200201000000Z -in "$work/expired.csr" -out expired.pem
cat inter.pem >>expired.pem

quietly openssl ca -config "$conf" -cert inter.pem -keyfile inter.key -revoke revoked.pem
quietly openssl ca -config "$conf" -cert inter.pem -keyfile inter.key -gencrl -out crl.pem
database
quietly openssl ca -config "$conf" -cert ca.pem -keyfile ca.key -gencrl -out "$work/root.crl"
cat "$work/root.crl" >>crl.pem
: >complete
