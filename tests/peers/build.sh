#!/bin/sh
# Builds a peer made of raw libssl: build.sh NAME FOLDER puts the program NAME into the folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2046
${CC:-cc} -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$2/$1" "$here/$1.c" $(pkg-config --cflags --libs openssl)
