#!/bin/sh
# Makes an archive of one object, whose only global names are those of a list: a program may link any other library beside it.
# usage: localise.sh ARCHIVE SYMBOLS COPY. CC, LD and OBJCOPY are those of the machine that it is for.
set -eu
object=$3.o
"${CC:-cc}" -nostdlib -r -Wl,--whole-archive "$1" -Wl,--no-whole-archive -o "$object"
"${OBJCOPY:-objcopy}" --keep-global-symbols="$2" "$object"
rm -f "$3"
"${AR:-ar}" rcs "$3" "$object"
rm "$object"
