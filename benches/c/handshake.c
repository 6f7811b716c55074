/* Whole handshakes, a connection at a time, one thread for each side. */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BATCH 32

static int pairs[BATCH][2];
static pthread_barrier_t bar;
static volatile int stop;
static long resumed;

static void *hs_server(void *arg)
{
    for (;;) {
        pthread_barrier_wait(&bar);
        if (stop)
            return arg;
        for (int i = 0; i < BATCH; i++) {
            peer_conn *c = peer_conn_new(server_ctx, pairs[i][1]);
            if (!c || peer_handshake(c) != 1)
                die("server handshake");
            write_all(c, "x", 1);
            peer_conn_free(c);
            close(pairs[i][1]);
        }
        pthread_barrier_wait(&bar);
    }
}

static void hs_batch(void)
{
    for (int i = 0; i < BATCH; i++)
        unix_pair(pairs[i]);
    pthread_barrier_wait(&bar);
    for (int i = 0; i < BATCH; i++) {
        char b;
        peer_conn *c = peer_conn_new(client_ctx, pairs[i][0]);
        if (!c || peer_handshake(c) != 1)
            die("client handshake");
        read_full(c, &b, 1);
        resumed += peer_resumed(c);
        peer_conn_free(c);
        close(pairs[i][0]);
    }
    pthread_barrier_wait(&bar);
}

void run_hs(void)
{
    pthread_t t;
    long n = 0;
    pthread_barrier_init(&bar, NULL, 2);
    pthread_create(&t, NULL, hs_server, NULL);
    for (double end = now() + warm; now() < end;)
        hs_batch();
    resumed = 0;
    double c0 = cpu(), t0 = now(), end = t0 + seconds;
    while (going(end)) {
        hs_batch();
        n += BATCH;
    }
    double t1 = now(), c1 = cpu();
    stop = 1;
    pthread_barrier_wait(&bar);
    pthread_join(t, NULL);
    /* Without a warm-up the first has nothing to resume. */
    if (cfg.resume ? resumed < n - 1 : resumed != 0) {
        fprintf(stderr, "bench: %ld of %ld handshakes were resumed\n", resumed, n);
        exit(1);
    }
    report("hs/s", n, t1 - t0, c1 - c0);
}
