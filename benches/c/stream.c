/* Bytes over loopback TCP: one way, and back and forth. */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int tcp[2];

static void *bulk_sender(void *arg)
{
    peer_conn *c = peer_conn_new(client_ctx, tcp[0]);
    char *buf = malloc(size);
    memset(buf, 'b', size);
    if (peer_handshake(c) != 1)
        die("client handshake");
    for (double end = now() + seconds + warm; now() < end;)
        for (size_t sent = 0; sent < 1024 * 1024; sent += size * gather)
            if (peer_gather(c, buf, size, gather) != (ssize_t)size * gather)
                die("write");
    shutdown(tcp[0], SHUT_WR);
    peer_conn_free(c);
    free(buf);
    return arg;
}

void run_bulk(void)
{
    pthread_t t;
    static char buf[READ_SIZE];
    double n = 0, t0 = 0, c0 = 0, t1, c1, start = 0;
    tcp_pair(tcp);
    pthread_create(&t, NULL, bulk_sender, NULL);
    peer_conn *c = peer_conn_new(server_ctx, tcp[1]);
    if (peer_handshake(c) != 1)
        die("server handshake");
    for (;;) {
        ssize_t r = peer_read(c, buf, sizeof buf);
        if (r <= 0)
            break;
        if (t0) {
            n += r;
        } else if (!start) {
            start = now();
        } else if (now() - start > warm) {
            t0 = now();
            c0 = cpu();
        }
    }
    t1 = now(), c1 = cpu();
    pthread_join(t, NULL);
    peer_conn_free(c);
    report("MB/s", n / 1e6, t1 - t0, c1 - c0);
}

static void *ping_server(void *arg)
{
    char *buf = malloc(size);
    peer_conn *c = peer_conn_new(server_ctx, tcp[1]);
    if (peer_handshake(c) != 1)
        die("server handshake");
    for (;;) {
        for (size_t got = 0; got < size;) {
            ssize_t r = peer_read(c, buf + got, size - got);
            if (r <= 0)
                goto out;
            got += r;
        }
        write_all(c, buf, size);
    }
out:
    peer_conn_free(c);
    free(buf);
    return arg;
}

void run_ping(void)
{
    pthread_t t;
    char *buf = malloc(size);
    long n = 0;
    double t0, c0, end;
    memset(buf, 'p', size);
    tcp_pair(tcp);
    pthread_create(&t, NULL, ping_server, NULL);
    peer_conn *c = peer_conn_new(client_ctx, tcp[0]);
    if (peer_handshake(c) != 1)
        die("client handshake");
    for (end = now() + warm; now() < end;) {
        write_all(c, buf, size);
        read_full(c, buf, size);
    }
    c0 = cpu(), t0 = now();
    for (end = t0 + seconds; now() < end; n++) {
        write_all(c, buf, size);
        read_full(c, buf, size);
    }
    double t1 = now(), c1 = cpu();
    shutdown(tcp[0], SHUT_RDWR);
    pthread_join(t, NULL);
    peer_conn_free(c);
    report("rt/s", n, t1 - t0, c1 - c0);
}
