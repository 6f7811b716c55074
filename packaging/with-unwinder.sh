#!/bin/sh
# Copies an archive for musl, and adds the functions that unwind the stack, as Rust brings them for that target: those of a
# gcc that was made for glibc do not link with musl. usage: with-unwinder.sh TARGET ARCHIVE COPY
set -eu
unwinder=$("$(dirname "$0")/rustc.sh" --print sysroot)/lib/rustlib/$1/lib/self-contained/libunwind.a
rm -f "$3"
if [ -e "$unwinder" ]; then
    # Says something of each object for whose bitcode a plugin of ar is too old.
    printf 'create %s\naddlib %s\naddlib %s\nsave\nend\n' "$3" "$2" "$unwinder" | ar -M >"$3.log" 2>&1 ||
        { cat "$3.log" >&2; exit 1; }
    rm "$3.log"
else
    cp "$2" "$3"
fi
