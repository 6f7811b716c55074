#!/bin/bash
# Builds the programs that are measured: build.sh PREFIX VENDORED_PREFIX FOLDER. A peer that cannot be built is left out, and named.
set -euo pipefail
cd "$(dirname "$0")/../.."
prefix=$1 vendored=$2 out=$3
benches/build.sh "$prefix" "$out" --own
shared=(benches/c/{main,handshake,stream,memory,idle,context}.c)

build() { # NAME SOURCE FLAGS...
    local name=$1 source=$2
    shift 2
    "${CC:-cc}" -O2 -Wall -Wextra -o "$out/$name" "${shared[@]}" "benches/c/$source.c" "$@" -lpthread -ldl -lm
}

# Builds a package of benches/peers and prints the folder of the source of one of its dependencies.
static_library() { # NAME DEPENDENCY
    packaging/cargo.sh build --quiet --release --manifest-path "benches/peers/$1/Cargo.toml" --target-dir "$out/$1-target" >&2 &&
        packaging/cargo.sh metadata --format-version 1 --manifest-path "benches/peers/$1/Cargo.toml" |
        python3 -c 'import json, os, sys
print(next(os.path.dirname(p["manifest_path"]) for p in json.load(sys.stdin)["packages"] if p["name"] == sys.argv[1]))' "$2"
}

leave_out() {
    echo "$1 could not be built: left out" >&2
    rm -f "$out/$1"
}

aws_lc() {
    # Where cargo has built the crate for the library that is measured.
    local folder archives
    folder=$(packaging/cargo.sh build --quiet --release --lib --no-default-features --features aws-lc --message-format=json |
        python3 -c 'import json, sys
said = [json.loads(line) for line in sys.stdin]
print(next(s["out_dir"] for s in said if s["reason"] == "build-script-executed" and "aws-lc-sys" in s["package_id"]))') &&
        mapfile -t archives < <(find "$folder" -name '*ssl.a' && find "$folder" -name '*crypto.a') &&
        build aws-lc openssl benches/c/plain.c -I"$folder/include" "${archives[@]}"
}

build tlsock-vendored tlsock -I"$vendored/include" -L"$vendored/lib" -Wl,-rpath,"$vendored/lib" -ltlsock
aws_lc || leave_out aws-lc
{ folder=$(static_library rustls rustls-ffi) && build rustls rustls benches/c/plain.c -I"$folder/src" "$out/rustls-target/release/libbench_rustls.a"; } || leave_out rustls
{ folder=$(static_library s2n s2n-tls-sys) && build s2n s2n benches/c/plain.c -I"$folder/lib/api" "$out/s2n-target/release/libbench_s2n.a"; } || leave_out s2n
