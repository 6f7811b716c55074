#!/bin/sh
# Compiles every example by pkg-config only and runs it: the server, and each client against it.
# usage: test.sh PREFIX BUILD CERTS
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$2 certs=$3
passed=0 failed=0 server=
mkdir -p "$build"
for directory in "$1"/lib "$1"/lib64 "$1"/lib/*-linux-gnu*; do
    PKG_CONFIG_PATH="$directory/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
done
export PKG_CONFIG_PATH
trap '[ -z "$server" ] || kill "$server"' EXIT

# check NAME EXPECTED COMMAND...: the command succeeds and prints this line somewhere.
check() {
    name=$1 expected=$2
    shift 2
    if "$@" >"$build/$name.log" 2>&1 && grep -qF "$expected" "$build/$name.log"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "  $name failed:"
        sed 's/^/    /' "$build/$name.log"
    fi
}

# compile NAME OPTIONS: options are several words on purpose.
# shellcheck disable=SC2086,SC2046
compile() {
    ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror -o "$build/$1$2" "$here/$1.c" $3 -pthread
}

echo "c examples"
sh "$here/../../tests/certs/make.sh" "$certs" || exit 1
shared="$(pkg-config --cflags --libs tlsock) -Wl,-rpath,$(pkg-config --variable=libdir tlsock)"
static="$(pkg-config --static --cflags tlsock) $(pkg-config --variable=libdir tlsock)/libtlsock.a
    $(pkg-config --static --libs-only-other tlsock) $(pkg-config --static --libs tlsock | sed 's/-ltlsock//')"
for example in client server memory_bio nonblocking pump demo; do
    compile $example "" "$shared" || { echo "  $example does not compile"; failed=$((failed + 1)); }
done
if [ -e "$(pkg-config --variable=libdir tlsock)/libtlsock.a" ]; then
    compile memory_bio _static "$static" || { echo "  memory_bio does not link statically"; failed=$((failed + 1)); }
    check static "TLSv1.3 with CN=localhost" "$build/memory_bio_static" \
        "$certs/rsa.pem" "$certs/rsa.key" "$certs/ca.pem"
fi
check memory_bio "TLSv1.3 with CN=localhost,O=tlsock: hello" "$build/memory_bio" \
    "$certs/rsa.pem" "$certs/rsa.key" "$certs/ca.pem"

: >"$build/server.log"
"$build/server" "$certs/ecdsa.pem" "$certs/ecdsa.key" >"$build/server.log" 2>&1 &
server=$!
port=
while [ -z "$port" ] && kill -0 "$server" 2>/dev/null; do
    port=$(sed -n 's/listening on port //p' "$build/server.log")
done
export SSL_CERT_FILE="$certs/ca.pem"
check client "Hello over TLS" "$build/client" localhost "$port"
check nonblocking "Hello over TLS" "$build/nonblocking" 127.0.0.1 "$port" localhost
check pump "Hello over TLS" "$build/pump" 127.0.0.1 "$port" localhost
export SSL_CERT_FILE="$certs/unknown-ca.pem"
check untrusted "certificate verify failed" sh -c "! '$build/client' localhost '$port'"
unset SSL_CERT_FILE
check demo "All of this came out as it should." "$build/demo" "$certs"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
