/* Both ends in memory in one thread: no system calls. */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct mem {
    peer_ctx *cc, *sc;
    char *wire;
    long n, resumed;
};

static int move(struct mem *m, peer_conn *from, peer_conn *to)
{
    size_t r = peer_mem_out(from, m->wire, WIRE_SIZE);
    if (r && peer_mem_in(to, m->wire, r))
        die("mem in");
    return r > 0;
}

static void mem_connect(struct mem *m, peer_conn **cp, peer_conn **sp)
{
    peer_conn *c = peer_conn_new(m->cc, -1), *s = peer_conn_new(m->sc, -1);
    int hc = PEER_WANT, hs = PEER_WANT;
    char b;
    for (int i = 0; hc != 1 || hs != 1; i++) {
        if (i > 50)
            die("in-memory handshake does not end");
        if (hc != 1 && (hc = peer_handshake(c)) == -1)
            die("client handshake");
        while (move(m, c, s))
            if (hs != 1 && (hs = peer_handshake(s)) == -1)
                die("server handshake");
        while (hc != 1 && move(m, s, c))
            if ((hc = peer_handshake(c)) == -1)
                die("client handshake");
    }
    write_all(s, "x", 1);
    for (;;) {
        ssize_t r = peer_read(c, &b, 1);
        if (r == 1)
            break;
        if (r != PEER_WANT || !move(m, s, c))
            die("first byte");
    }
    *cp = c;
    *sp = s;
}

static void *mem_hs_loop(void *arg)
{
    struct mem *m = arg;
    peer_conn *c, *s;
    for (double end = now() + seconds; going(end); m->n++) {
        mem_connect(m, &c, &s);
        m->resumed += peer_resumed(c);
        peer_conn_free(c);
        peer_conn_free(s);
    }
    return NULL;
}

static void mem_init(struct mem *m)
{
    memset(m, 0, sizeof *m);
    m->cc = client_ctx;
    m->sc = server_ctx;
    m->wire = malloc(WIRE_SIZE);
}

void mem_once(peer_ctx *client, peer_ctx *server)
{
    struct mem m;
    peer_conn *c, *s;
    mem_init(&m);
    m.cc = client;
    m.sc = server;
    mem_connect(&m, &c, &s);
    peer_conn_free(c);
    peer_conn_free(s);
    free(m.wire);
}

void run_mem_hs(void)
{
    struct mem m[64], w;
    pthread_t t[64];
    peer_conn *c, *s;
    long n = 0;
    mem_init(&w);
    for (double end = now() + warm; now() < end;) {
        mem_connect(&w, &c, &s);
        peer_conn_free(c);
        peer_conn_free(s);
    }
    for (int i = 0; i < threads; i++)
        mem_init(&m[i]);
    double c0 = cpu(), t0 = now();
    for (int i = 1; i < threads; i++)
        pthread_create(&t[i], NULL, mem_hs_loop, &m[i]);
    mem_hs_loop(&m[0]);
    for (int i = 1; i < threads; i++)
        pthread_join(t[i], NULL);
    double t1 = now(), c1 = cpu();
    for (int i = 0; i < threads; i++) {
        n += m[i].n;
        if (cfg.resume && m[i].resumed < m[i].n - 1)
            die("not resumed");
        if (!cfg.resume && m[i].resumed)
            die("resumed");
    }
    report("hs/s", n, t1 - t0, c1 - c0);
}

/* One piece from one end to the other. */
static size_t mem_pass(struct mem *m, peer_conn *from, peer_conn *to, const char *piece)
{
    static char buf[READ_SIZE];
    size_t n = 0, sealed = peer_mem_write(from, piece, size, m->wire, WIRE_SIZE);
    if (!sealed || peer_mem_in(to, m->wire, sealed))
        die("mem write");
    for (;;) {
        ssize_t r = peer_read(to, buf, sizeof buf);
        if (r == PEER_WANT)
            return n;
        if (r <= 0)
            die("mem read");
        n += r;
    }
}

void run_mem_bulk(void)
{
    struct mem m;
    peer_conn *c, *s;
    char *out = malloc(size);
    double n = 0;
    memset(out, 'm', size);
    mem_init(&m);
    mem_connect(&m, &c, &s);
    for (double end = now() + warm; now() < end;)
        mem_pass(&m, c, s, out);
    double t0 = now(), c0 = cpu();
    for (double end = t0 + seconds; going(end);)
        for (size_t k = 0; k < 512 * 1024; k += size)
            n += mem_pass(&m, c, s, out);
    report("MB/s", n / 1e6, now() - t0, cpu() - c0);
    peer_conn_free(c);
    peer_conn_free(s);
}
