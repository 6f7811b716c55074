#!/bin/sh
# Removes folders that `make install` made, if they are empty, and those above them that are empty then:
# remove-empty.sh DESTDIR PREFIX FOLDER... Without DESTDIR what is above PREFIX stays, and what a system has anyway.
set -eu
destination=$1 prefix=$2
shift 2

stays() {
    [ -z "$destination" ] || return 1
    case $1 in /usr | /usr/include | /usr/lib | /usr/local | /usr/local/include | /usr/local/lib) return 0 ;; esac
    case $prefix in "$1"/?*) return 0 ;; esac
    return 1
}

for folder; do
    while [ "$folder" != / ] && [ "$folder" != . ] && ! stays "$folder"; do
        rmdir "$destination$folder" 2>/dev/null || break
        folder=$(dirname "$folder")
    done
done
