#!/bin/sh
# Tells whether a library has an OpenSSL of its own inside, instead of needing the system's: inside.sh LIBRARY.
needed=$(readelf -d "$1") || exit 2
case $needed in *NEEDED*libcrypto*) exit 1 ;; esac
