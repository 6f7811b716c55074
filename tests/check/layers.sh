#!/bin/bash
# The rules of the layers, which the compiler cannot check. Prints each offence; ends with 1 if there is one.
set -euo pipefail
cd "$(dirname "$0")/../.."

offences=0
offence() {
    echo "$1" >&2
    offences=$((offences + 1))
}

# Source lines of FILES that match PATTERN, comments left out.
code() { # PATTERN FILE...
    local pattern=$1
    shift
    [ $# -gt 0 ] || return 0
    grep -HnE -- "$pattern" "$@" | grep -vE '^[^:]*:[0-9]+: *(//|\*|#!\[)' || true
}

# No line of the files named may match.
forbid() { # RULE PATTERN FILE...
    local rule=$1 found
    shift
    found=$(code "$@")
    [ -z "$found" ] || offence "$rule:"$'\n'"$found"
}

mapfile -t all < <(find src -name '*.rs' | sort)
outside() { # PREFIX...: the Rust files that begin with none of these
    local file prefix
    for file in "${all[@]}"; do
        for prefix in "$@"; do
            [[ $file == "$prefix"* ]] && continue 2
        done
        echo "$file"
    done
}
inside() { # PREFIX
    local file
    for file in "${all[@]}"; do [[ $file == "$1"* ]] && echo "$file"; done || true
}

mapfile -t files < <(outside src/openssl/sys.rs src/openssl/sys/)
forbid "the bindings of a backend belong to src/openssl/sys" '\b(openssl|aws_lc)_sys\b' "${files[@]}"
forbid "controls have names, which src/openssl/sys gives them" '\bSSL(_CTX)?_ctrl\b' "${files[@]}"

mapfile -t files < <(outside src/openssl/sys.rs src/openssl/backend/mod.rs)
forbid "which backend it is matters to src/openssl/sys and src/openssl/backend alone: others ask what it has" \
    'feature *= *"(openssl|vendored|aws-lc)"|\bbackend::(openssl|aws_lc)\b|\bsys::(openssl|aws_lc)\b' "${files[@]}"
mapfile -t files < <(inside src/openssl/sys/aws_lc; inside src/openssl/backend/aws_lc/)
forbid "names of AWS-LC come from its bindings: libcrypto's have a prefix" 'extern "C" \{' "${files[@]}"

# The two backends give the same names.
offered() { # BACKEND
    local file
    for file in "src/openssl/backend/$1"/*.rs "src/openssl/backend/$1"/*/mod.rs; do
        [ -e "$file" ] || continue
        local module=${file#"src/openssl/backend/$1/"}
        sed -nE 's/^( {4})?pub (const |unsafe |async )*(fn|const|static|struct|enum|trait|type|mod) ([A-Za-z_0-9]+).*/\4/p' "$file" |
            sed "s|^|${module%%[./]*} |"
    done | LC_ALL=C sort -u
}
differing=$(diff <(offered openssl) <(offered aws_lc) | grep '^[<>]' || true)
[ -z "$differing" ] || offence "only one backend offers this (< OpenSSL, > AWS-LC):"$'\n'"$differing"

# A call that can fail goes through `attempt` or its like in src/openssl/mod.rs, or through `Ssl::io`.
mapfile -t files < <(outside src/openssl/queue.rs src/openssl/error.rs src/openssl/sys.rs src/openssl/sys/ \
    src/openssl/backend/{openssl,aws_lc}/{queue.rs,reasons})
forbid "OpenSSL's error queue is the business of src/openssl/queue.rs and error.rs" '\bERR_[a-z]' "${files[@]}"
mapfile -t files < <(outside src/openssl/pem/tests.rs src/openssl/mod.rs src/openssl/io.rs src/openssl/ssl.rs src/openssl/error.rs)
forbid "an error is taken where the queue was emptied before the call" '\berror::take\b' "${files[@]}"
# libssl that stops in the middle of a verification must not find what OpenSSL has said of the chain.
mapfile -t files < <(outside src/openssl/mod.rs src/openssl/io.rs src/openssl/error.rs src/openssl/verification.rs)
forbid "the error queue is emptied by attempt, quietly, Ssl::io and LentVerification::stop" '\b(error|queue)::clear\b' "${files[@]}"

mapfile -t files < <(outside src/os.rs src/os/)
forbid "libc belongs to src/os" '\blibc\b' "${files[@]}"

mapfile -t files < <(outside src/ffi/ src/openssl/ src/os.rs src/os/)
forbid "unsafe belongs to src/ffi, src/openssl and src/os" '\bunsafe\b' "${files[@]}"

forbid "modules of the Node binding are loaded at the top of a file: a knot is undone, not put off" '^ .*\brequire\(' bindings/node/lib/*.js bindings/node/tls.js bindings/node/index.js

mapfile -t files < <(outside src/ffi/)
forbid "exported functions belong to src/ffi" 'fn tlsock_|\bno_mangle\b|\bexport_name\b' "${files[@]}"

mapfile -t files < <(outside src/ffi/boundary.rs src/openssl/ src/os.rs src/os/)
forbid "C's pointers become references in src/ffi/boundary.rs" '\bfrom_raw_parts|CStr::from_ptr' "${files[@]}"

mapfile -t files < <(inside src/ffi/)
forbid "src/ffi asks src/ssl, never src/openssl" '\b(crate|super)::(openssl|os)\b' "${files[@]}"
forbid "a macro hides functions from the header" 'macro_rules!' "${files[@]}"

mapfile -t files < <(inside src/ssl/)
forbid "src/ssl does not know the C border" '\bcrate::ffi\b|extern "C"' "${files[@]}"

mapfile -t files < <(outside src/openssl/ src/ffi/constants.rs)
forbid "numbers and flags of OpenSSL have their names in src/openssl/error.rs and flags.rs" \
    'Entry::new\([A-Z_0-9]+, [0-9]|const (VERIFY_|CRL_|X509_|PEM_|SSL_R_)[A-Z_]*: [a-z0-9]+ = [0-9(]' "${files[@]}"

mapfile -t files < <(outside src/ssl/module/environment.rs)
forbid "the environment is read in src/ssl/module/environment.rs, which knows whether it may be trusted" \
    '\benv::(var|vars|var_os|vars_os)\b|\buse std::env\b|\b(secure_)?getenv\b|\benviron\b' "${files[@]}"

mapfile -t files < <(inside src/openssl/; inside src/os)
forbid "src/openssl and src/os know nothing above them" '\bcrate::(ssl|ffi)\b' "${files[@]}"

grep -q '^#!\[forbid(unsafe_code)\]' src/ssl/mod.rs || offence "src/ssl/mod.rs must forbid unsafe_code"

# Every unsafe block and impl says why it is sound; in src/ffi the header's contract says it for the entries.
mapfile -t files < <(inside src/openssl/; inside src/os; inside src/ffi/boundary.rs)
unexplained=$(awk '
    FNR == 1 { last = -9 }
    /SAFETY:/ { last = FNR }
    /^ *\/\// { if (last == FNR - 1) last = FNR; next }
    /unsafe (\{|impl)/ && FNR - last > 5 { print FILENAME ":" FNR ": " $0 }
' "${files[@]}")
[ -z "$unexplained" ] || offence "no SAFETY line above:"$'\n'"$unexplained"

# Files stay short enough to be read in one go. The headers are generated.
while read -r lines file; do
    [ "$file" = total ] || [ "$lines" -le 450 ] || offence "$file has $lines lines; 450 is the limit"
done < <(find . \( -name target -o -name build -o -name node_modules -o -name .git \) -prune -o -type f \
    \( -name '*.rs' -o -name '*.[ch]' -o -name '*.py' -o -name '*.js' -o -name '*.ts' -o -name '*.go' -o -name '*.sh' \
    -o -name Makefile \) ! -path "./include/*" -print0 | xargs -0 wc -l)

[ $offences -eq 0 ] || { echo "layers: $offences broken rules" >&2; exit 1; }
echo "layers: ${#all[@]} files keep the rules"
