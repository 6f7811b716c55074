#!/bin/bash
# The servers that real drivers are tested against, on loopback, with the certificates of tests/certs/make.sh and
# throw-away data.
#
# usage: servers.sh start FOLDER [SERVER...]    SERVER: postgres mariadb redis mosquitto; all of them by default
#        servers.sh stop FOLDER                 ends them; FOLDER is the caller's to remove
#
# FOLDER is empty or new. FOLDER/environment is for `source`; it exports
#   TLSOCK_CERTS                               the folder of keys and certificates, readable to the caller
#   TLSOCK_USER TLSOCK_PASSWORD TLSOCK_DATABASE  of PostgreSQL and MariaDB; Redis and mosquitto ask for none
#   TLSOCK_POSTGRES_PORT                       TLS or not, by password; the user "client" by client.pem alone
#   TLSOCK_POSTGRES_SOCKET                     the folder of its local socket, where "postgres" is the superuser
#   TLSOCK_MARIADB_PORT                        TLS only; the user "client" by client.pem alone
#   TLSOCK_REDIS_PORT                          TLS only; a client's certificate is checked if it shows one
#   TLSOCK_MOSQUITTO_PORT                      TLS only
#   TLSOCK_MOSQUITTO_MTLS_PORT                 TLS only, with a client's certificate
#   TLSOCK_MOSQUITTO_PSK_PORT                  TLS with a key shared before: "device" has 0123456789abcdef
# and lacks what belongs to servers that were not named. All show rsa.pem, for localhost, 127.0.0.1 and ::1.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# Servers live where users do not look.
PATH=$PATH:/usr/sbin:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)

folder=
user=tlsock password=sesame database=tlsock

# PostgreSQL and MariaDB refuse to run as root.
as_ordinary_user() {
    if [ "$(id -u)" = 0 ]; then
        exec setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups "$@"
    fi
    exec "$@"
}

own() { # FOLDER...
    [ "$(id -u)" != 0 ] || chown -R nobody "$@"
}

# A port that was free a moment ago. None of the servers takes one from the kernel by itself.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

listens() { # PORT
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

export_to_caller() { # NAME VALUE
    printf 'export %s=%q\n' "$1" "$2" >>"$folder/environment"
}

# Starts a server and waits until it is there.
launch() { # NAME READY... -- COMMAND...
    local name=$1 ready=() waited=0
    shift
    while [ "$1" != -- ]; do ready+=("$1"); shift; done
    shift
    (as_ordinary_user "$@") >>"$folder/$name.log" 2>&1 </dev/null &
    local pid=$!
    until "${ready[@]}" >/dev/null 2>&1; do
        if ! kill -0 $pid 2>/dev/null; then
            return 1
        fi
        if [ $((waited += 1)) -gt 600 ]; then
            kill -9 $pid
            echo "$name does not answer" >>"$folder/$name.log"
            return 1
        fi
        sleep 0.1
    done
    # Somebody else's server may answer on the port that this one did not get.
    kill -0 $pid 2>/dev/null || return 1
    echo $pid >>"$folder/pids"
}

# A port can be taken between the look and the start: another one, then.
start() { # NAME
    local name=$1 try
    for try in 1 2 3; do
        if "start_$name"; then
            echo "$name is up"
            return
        fi
    done
    echo "$name did not start:" >&2
    tail -n 20 "$folder/$name.log" >&2
    exit 1
}

start_postgres() {
    local port data=$folder/postgres socket=$folder/postgres-socket
    port=$(free_port)
    if [ ! -e "$data" ]; then
        mkdir "$data" "$socket"
        own "$data" "$socket"
        (as_ordinary_user initdb --pgdata="$data" --username=postgres --auth=trust --encoding=UTF8 --no-sync) \
            >>"$folder/postgres.log" 2>&1 || return
        cat >"$data/pg_hba.conf" <<HBA
local   all all                     trust
hostssl all client  127.0.0.1/32    cert
host    all all     127.0.0.1/32    scram-sha-256
HBA
    fi
    launch postgres pg_isready --host="$socket" --port="$port" -- postgres -D "$data" -p "$port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories="$socket" -c fsync=off -c max_connections=200 \
        -c ssl=on -c ssl_cert_file="$folder/keys/rsa.pem" -c ssl_key_file="$folder/keys/rsa.key" \
        -c ssl_ca_file="$folder/keys/ca.pem" || return
    psql --quiet --host="$socket" --port="$port" --username=postgres --dbname=postgres --set=ON_ERROR_STOP=1 \
        >>"$folder/postgres.log" 2>&1 <<SQL
CREATE USER $user PASSWORD '$password';
CREATE USER client;
CREATE DATABASE $database OWNER $user;
GRANT ALL ON DATABASE $database TO client;
SQL
    export_to_caller TLSOCK_POSTGRES_PORT "$port"
    export_to_caller TLSOCK_POSTGRES_SOCKET "$socket"
}

start_mariadb() {
    local port data=$folder/mariadb
    port=$(free_port)
    if [ ! -e "$data" ]; then
        mkdir "$data"
        own "$data"
        (as_ordinary_user mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal \
            --skip-test-db) >>"$folder/mariadb.log" 2>&1 || return
        cat >"$folder/mariadb.sql" <<SQL
CREATE DATABASE IF NOT EXISTS $database;
CREATE USER IF NOT EXISTS $user@'%' IDENTIFIED BY '$password' REQUIRE SSL;
CREATE USER IF NOT EXISTS client@'%' REQUIRE X509;
GRANT ALL ON $database.* TO $user@'%';
GRANT ALL ON $database.* TO client@'%';
SQL
        chmod 644 "$folder/mariadb.sql"
    fi
    launch mariadb listens "$port" -- mariadbd --no-defaults --datadir="$data" --socket="$data/socket" \
        --pid-file="$data/pid" --bind-address=127.0.0.1 --port="$port" --init-file="$folder/mariadb.sql" \
        --skip-name-resolve --innodb-flush-log-at-trx-commit=0 --require-secure-transport=ON \
        --ssl-ca="$folder/keys/ca.pem" --ssl-cert="$folder/keys/rsa.pem" --ssl-key="$folder/keys/rsa.key" || return
    export_to_caller TLSOCK_MARIADB_PORT "$port"
}

start_redis() {
    local port data=$folder/redis
    port=$(free_port)
    mkdir -p "$data"
    own "$data"
    launch redis listens "$port" -- redis-server --port 0 --tls-port "$port" --bind 127.0.0.1 --dir "$data" --save "" \
        --tls-cert-file "$folder/keys/rsa.pem" --tls-key-file "$folder/keys/rsa.key" \
        --tls-ca-cert-file "$folder/keys/ca.pem" --tls-auth-clients optional || return
    export_to_caller TLSOCK_REDIS_PORT "$port"
}

start_mosquitto() {
    local port mtls_port psk_port tls
    port=$(free_port) mtls_port=$(free_port) psk_port=$(free_port)
    echo device:0123456789abcdef >"$folder/psk"
    chmod 644 "$folder/psk"
    tls="cafile $folder/keys/ca.pem
certfile $folder/keys/rsa.pem
keyfile $folder/keys/rsa.key
allow_anonymous true"
    cat >"$folder/mosquitto.conf" <<CONF
per_listener_settings true
listener $port 127.0.0.1
$tls
listener $mtls_port 127.0.0.1
$tls
require_certificate true
listener $psk_port 127.0.0.1
psk_hint tlsock
psk_file $folder/psk
allow_anonymous true
CONF
    chmod 644 "$folder/mosquitto.conf"
    launch mosquitto listens "$mtls_port" -- mosquitto -c "$folder/mosquitto.conf" || return
    export_to_caller TLSOCK_MOSQUITTO_PORT "$port"
    export_to_caller TLSOCK_MOSQUITTO_MTLS_PORT "$mtls_port"
    export_to_caller TLSOCK_MOSQUITTO_PSK_PORT "$psk_port"
}

# The servers' own copy of the keys belongs to the user they run as.
make_keys() {
    "$here/../certs/make.sh" "$folder/certs"
    mkdir "$folder/keys"
    # Clients may show no more than their own certificate.
    cp "$folder"/certs/rsa.pem "$folder"/certs/rsa.key "$folder/keys"
    cat "$folder/certs/ca.pem" "$folder/certs/inter.pem" >"$folder/keys/ca.pem"
    own "$folder/keys"
    export_to_caller TLSOCK_CERTS "$folder/certs"
    export_to_caller TLSOCK_USER "$user"
    export_to_caller TLSOCK_PASSWORD "$password"
    export_to_caller TLSOCK_DATABASE "$database"
}

stop() {
    local pid waited
    [ -e "$folder/pids" ] || return 0
    while read -r pid; do
        # SIGINT: PostgreSQL waits for clients with SIGTERM, mariadbd ignores SIGINT.
        if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = postgres ]; then kill -INT "$pid"; else kill "$pid" 2>/dev/null || true; fi
    done <"$folder/pids"
    while read -r pid; do
        waited=0
        while kill -0 "$pid" 2>/dev/null; do
            if [ $((waited += 1)) -gt 200 ]; then kill -9 "$pid" 2>/dev/null || true; fi
            sleep 0.1
        done
    done <"$folder/pids"
    rm "$folder/pids"
}

usage() {
    echo "usage: servers.sh start FOLDER [SERVER...] | servers.sh stop FOLDER" >&2
    exit 2
}

action=${1:-} folder=${2:-}
[ -n "$folder" ] || usage
case $action in
start)
    shift 2
    [ $# -gt 0 ] || set -- postgres mariadb redis mosquitto
    mkdir -p "$folder"
    # The servers' user must get to its files.
    chmod 755 "$folder"
    folder=$(realpath "$folder")
    trap '[ $? -eq 0 ] || stop' EXIT
    make_keys
    for server in "$@"; do start "$server"; done
    ;;
stop) stop ;;
*) usage ;;
esac
