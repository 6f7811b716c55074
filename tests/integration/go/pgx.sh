#!/bin/bash
# Runs pgx's own tests over TLS, first as they are, then with tlsock in the place of crypto/tls, and compares.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binding=$(realpath "$here/../../../bindings/go")
name=$(cd "$binding" && go list -m)
version=v5.13.0
module=github.com/jackc/pgx/v5
work=$TLSOCK_WORK/pgx
packages=(. ./pgconn/... ./pgtype/... ./pgxpool/... ./stdlib/...)
mkdir -p "$work"

sql() { psql --quiet --host="$TLSOCK_POSTGRES_SOCKET" --port="$TLSOCK_POSTGRES_PORT" --username=postgres "$@"; }

# A copy of the sources that may be changed.
copy() { # FOLDER
    local source
    source=$(cd "$here" && go mod download -json "$module@$version" | sed -n 's/^\t"Dir": "\(.*\)",/\1/p')
    rm -rf "${work:?}/$1"
    cp -r "$source" "$work/$1"
    chmod -R u+w "$work/$1"
}

# The users and rules of testsetup/.
set_up() {
    local hba
    hba=$(sql --dbname=postgres --tuples-only --no-align --command='show hba_file')
    if ! grep -q pgx_ssl "$hba"; then
        { cat "$work/plain/testsetup/pg_hba.conf"; cat "$hba"; } >"$work/hba"
        cat "$work/hba" >"$hba"
        sql --dbname=postgres --command='select pg_reload_conf()' >/dev/null
        sql --dbname=postgres --command='create database pgx_test'
        sql --dbname=pgx_test --file="$work/plain/testsetup/postgresql_setup.sql"
    fi
    openssl req -x509 -newkey rsa:2048 -subj /CN=pgx_sslcert -days 30 -passout pass:certpw -keyout "$work/client.key" \
        -out "$work/client.pem" -CA "$TLSOCK_CERTS/inter.pem" -CAkey "$TLSOCK_CERTS/inter.key" 2>/dev/null
    # What this OpenSSL writes by default Go cannot decrypt.
    openssl rsa -in "$work/client.key" -passin pass:certpw -aes128 -passout pass:certpw -traditional \
        -out "$work/client.key.old" 2>/dev/null
    mv "$work/client.key.old" "$work/client.key"
    cat "$TLSOCK_CERTS/inter.pem" >>"$work/client.pem"
}

# Three calls of crypto/tls, and one look at its connection, become ours.
change() {
    cd "$work/ours"
    sed -i 's/\btls\.Client(/fromconfig.Client(/' pgconn/pgconn.go
    sed -i '0,/^import (/s//import (\n\t"integration\/fromconfig"/' pgconn/pgconn.go
    sed -i 's/c\.conn\.(\*tls\.Conn)/c.conn.(interface{ ConnectionState() tls.ConnectionState })/
        s/^func getTLSCertificateHash(conn \*tls\.Conn)/func getTLSCertificateHash(conn interface{ ConnectionState() tls.ConnectionState })/' \
        pgconn/auth_scram.go
    [ "$(grep -c 'fromconfig\.Client(' pgconn/pgconn.go)" = 3 ]
    [ "$(grep -c 'interface{ ConnectionState()' pgconn/auth_scram.go)" = 2 ]
    go mod edit -require=integration@v0.0.0 -replace="integration=$here" \
        -require="$name@v0.0.0" -replace="$name=$binding"
    GOFLAGS=-mod=mod go mod tidy >"$work/tidy.log" 2>&1 || { cat "$work/tidy.log"; return 1; }
}

run() { # FOLDER
    local server="host=127.0.0.1 port=$TLSOCK_POSTGRES_PORT dbname=pgx_test"
    local verified="$server sslmode=verify-full sslrootcert=$TLSOCK_CERTS/ca.pem"
    cd "$work/$1"
    # A failure is for the comparison to judge.
    PGX_TEST_DATABASE="$verified user=pgx_ssl password=secret" \
        PGX_TEST_TCP_CONN_STRING="$server user=pgx_md5 password=secret" \
        PGX_TEST_UNIX_SOCKET_CONN_STRING="host=$TLSOCK_POSTGRES_SOCKET port=$TLSOCK_POSTGRES_PORT user=postgres dbname=pgx_test" \
        PGX_TEST_MD5_PASSWORD_CONN_STRING="$server user=pgx_md5 password=secret" \
        PGX_TEST_PLAIN_PASSWORD_CONN_STRING="$server user=pgx_pw password=secret" \
        PGX_TEST_SCRAM_PASSWORD_CONN_STRING="$server user=pgx_scram password=secret channel_binding=disable" \
        PGX_TEST_SCRAM_PLUS_CONN_STRING="$verified user=pgx_ssl password=secret channel_binding=require" \
        PGX_TEST_TLS_CONN_STRING="$verified user=pgx_ssl password=secret channel_binding=disable" \
        PGX_TEST_TLS_CLIENT_CONN_STRING="$verified user=pgx_sslcert sslcert=$work/client.pem sslkey=$work/client.key" \
        PGX_SSL_PASSWORD=certpw \
        go test -count=1 -p 2 -timeout 900s -json "${packages[@]}" >"$work/$1.json" 2>"$work/$1.err" || true
}

copy plain
copy ours
set_up
run plain
(change)
run ours
cd "$here"
go run ./compare "$work/plain.json" "$work/ours.json" pgx.known
