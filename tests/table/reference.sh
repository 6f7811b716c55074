#!/bin/sh
# Runs the table of steps and outcomes in C, and writes what each step gave: the other languages have to get the same.
# usage: reference.sh CERTS FOLDER      (tlsock is found by pkg-config; FOLDER gets the program, and the file "outcomes")
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
unset MAKEFLAGS MAKELEVEL SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE
sh "$here/make.sh" "$1"
make --no-print-directory -C "$here/../c" PREFIX="$(pkg-config --variable=prefix tlsock)" BUILD="$2" "$2/plain/table" >&2
TLSOCK_TABLE_OUTCOMES=$2/outcomes "$2/plain/table" "$1" >&2
