/* Memory of a connection that waits. */
#define _GNU_SOURCE
#include "bench.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

static int (*idle_fd)[2];
static peer_conn **idle_s;
static int idle_from, idle_to;

static void *idle_server(void *arg)
{
    char b[64];
    for (int i = idle_from; i < idle_to; i++) {
        idle_s[i] = peer_conn_new(server_ctx, idle_fd[i][1]);
        if (peer_handshake(idle_s[i]) != 1)
            die("server handshake");
        read_full(idle_s[i], b, sizeof b);
        write_all(idle_s[i], b, sizeof b);
    }
    return arg;
}

static void idle_open(peer_conn **client, int from, int to)
{
    pthread_t t;
    char b[64] = "idle";
    for (int i = from; i < to; i++)
        unix_pair(idle_fd[i]);
    idle_from = from;
    idle_to = to;
    pthread_create(&t, NULL, idle_server, NULL);
    for (int i = from; i < to; i++) {
        client[i] = peer_conn_new(client_ctx, idle_fd[i][0]);
        if (peer_handshake(client[i]) != 1)
            die("client handshake");
        write_all(client[i], b, sizeof b);
        read_full(client[i], b, sizeof b);
    }
    pthread_join(t, NULL);
}

void run_idle(void)
{
    struct rlimit r;
    getrlimit(RLIMIT_NOFILE, &r);
    r.rlim_cur = r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
    peer_conn **client = calloc(conns + 50, sizeof *client);
    idle_s = calloc(conns + 50, sizeof *idle_s);
    idle_fd = calloc(conns + 50, sizeof *idle_fd);
    idle_open(client, 0, 50);
    long before = resident();
    idle_open(client, 50, conns + 50);
    report_size("KiB/end", (resident() - before) / 1024.0 / conns / 2);
}
