#!/bin/sh
# Runs the suite with the addon under AddressSanitizer: asan.sh [words of file names], or asan.sh --stress SECONDS. Needs gcc,
# OpenSSL's static libraries and tlsock where pkg-config finds it; ends with 3 where they are missing. Leaks of the addon are found by counting handles (leak.test.js), as node itself
# frees little at its end.
set -eu
cd "$(dirname "$0")/.."
lacking() { echo "SKIPPED the addon under AddressSanitizer, as $1 is not installed: 1 skipped"; exit 3; }
pkg-config --exists tlsock || lacking "tlsock, where pkg-config finds it,"
folder=$(pkg-config --variable=libdir tlsock)
runtime=$(gcc -print-file-name=libasan.so)
case $runtime in /*) ;; *) lacking "AddressSanitizer's library" ;; esac
case $(gcc -print-file-name=libcrypto.a) in /*) ;; *) lacking "OpenSSL's static library" ;; esac
headers=$(node -p "require('node-api-headers').include_dir")
mkdir -p build
gcc -std=c11 -O1 -g -fno-omit-frame-pointer -fsanitize=address -Wall -Wextra -fPIC -fvisibility=hidden -shared \
    -I"$headers" $(pkg-config --cflags tlsock) src/*.c -o build/asan.node "$folder/libtlsock.a" \
    -Wl,--exclude-libs,ALL -Wl,-Bstatic -lssl -lcrypto -Wl,-Bdynamic -lgcc_s -lpthread -lm -ldl -lc
nm -D build/asan.node | grep -q __asan_report
export TLSOCK_ASAN_ADDON="$PWD/build/asan.node"
export ASAN_OPTIONS=detect_leaks=0:handle_segv=0:quarantine_size_mb=8:abort_on_error=0:exitcode=99
export TLSOCK_TEST_CONNECTIONS=${TLSOCK_TEST_CONNECTIONS:-300} TLSOCK_TEST_MEGABYTES=${TLSOCK_TEST_MEGABYTES:-16}
export NODE_OPTIONS="--require $PWD/test/support/asan.js"
LD_PRELOAD=$runtime ASAN_OPTIONS=$ASAN_OPTIONS:verbosity=1 node -e 'require(".")' 2>&1 | grep -q 'AddressSanitizer Init done'
log=build/asan.log
status=0
case ${1:-} in
--stress) set -- --expose-gc test/stress.js --seconds "$2" ;;
*) set -- test/run.js "${@:-.}" ;;
esac
LD_PRELOAD=$runtime node "$@" >"$log" 2>&1 || status=$?
cat "$log"
if grep -q 'ERROR: AddressSanitizer' "$log"; then exit 1; fi
exit $status
