#!/bin/sh
# Runs the table of steps and outcomes in C, and writes what each step gave: the other languages have to get the same.
# usage: reference.sh CERTS FOLDER      (FOLDER gets the program, and the file "outcomes")
# tlsock is found by pkg-config, or is that of `make stage`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
unset MAKEFLAGS MAKELEVEL SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE
export PKG_CONFIG_PATH="${PKG_CONFIG_PATH:+$PKG_CONFIG_PATH:}$here/../../build/prefix/lib/pkgconfig"
sh "$here/make.sh" "$1"
make --no-print-directory -C "$here/../c" PREFIX="$(pkg-config --variable=prefix tlsock)" BUILD="$2" "$2/plain/table" >&2
# 1: an outcome is not as the table says. The others will see that too.
TLSOCK_TABLE_OUTCOMES=$2/outcomes "$2/plain/table" "$1" >"$2/log" 2>&1 || [ $? -eq 1 ] || { cat "$2/log" >&2; exit 2; }
