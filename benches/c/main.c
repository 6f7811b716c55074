/* Arguments, helpers and the report of one measurement: a line of JSON. */
#define _GNU_SOURCE
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct peer_cfg cfg = {.version = 13, .key = "ec", .certs = "certs", .cipher = "", .group = ""};
double seconds = 1.0, warm = 0.15;
size_t size = 16384;
int conns = 2000, threads = 1, gather = 1;
static long rounds, done;
peer_ctx *client_ctx, *server_ctx;
static const char *workload;

void die(const char *what)
{
    fprintf(stderr, "bench: %s (errno %d %s)\n", what, errno, strerror(errno));
    exit(1);
}

const char *cert_file(const struct peer_cfg *c, const char *kind)
{
    static __thread char slot[4][512];
    static __thread int next;
    char *path = slot[next++ % 4];
    snprintf(path, sizeof slot[0], "%s/%s.%s.pem", c->certs, c->key, kind);
    return path;
}

double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

int going(double end)
{
    return rounds ? done++ < rounds : now() < end;
}

double cpu(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_stime.tv_sec + (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}

void report(const char *unit, double work, double wall, double cpu_s)
{
    printf("{\"library\":\"%s\",\"workload\":\"%s\",\"unit\":\"%s\",\"value\":%.6g,\"per_cpu_s\":%.6g}\n",
           peer_library(), workload, unit, work / wall, cpu_s > 0 ? work / cpu_s : 0.0);
}

void report_size(const char *unit, double value)
{
    printf("{\"library\":\"%s\",\"workload\":\"%s\",\"unit\":\"%s\",\"value\":%.6g}\n", peer_library(), workload, unit,
           value);
}

void tcp_pair(int fd[2])
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int one = 1, l = socket(AF_INET, SOCK_STREAM, 0);
    if (l < 0 || bind(l, (void *)&a, sizeof a) || listen(l, 16) || getsockname(l, (void *)&a, &len))
        die("listen");
    fd[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (fd[0] < 0 || connect(fd[0], (void *)&a, sizeof a))
        die("connect");
    fd[1] = accept(l, NULL, NULL);
    if (fd[1] < 0)
        die("accept");
    close(l);
    for (int i = 0; i < 2; i++)
        setsockopt(fd[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

void unix_pair(int fd[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd))
        die("socketpair");
}

long resident(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*s %ld", &pages) != 1)
        die("statm");
    fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

void write_all(peer_conn *c, const void *p, size_t n)
{
    if (peer_write(c, p, n) != (ssize_t)n)
        die("write");
}

void read_full(peer_conn *c, void *p, size_t n)
{
    for (size_t got = 0; got < n;) {
        ssize_t r = peer_read(c, (char *)p + got, n - got);
        if (r <= 0)
            die("read");
        got += r;
    }
}

static const struct {
    const char *name;
    void (*run)(void);
    int contexts; /* wants those of client and server */
} workloads[] = {
    {"hs", run_hs, 1},           {"bulk", run_bulk, 1},       {"ping", run_ping, 1}, {"mem_hs", run_mem_hs, 1},
    {"mem_bulk", run_mem_bulk, 1}, {"idle", run_idle, 1},       {"call", run_call, 1}, {"ctx", run_ctx, 0},
    {"ctx_cold", run_ctx_cold, 0}, {"ctx_memory", run_ctx_memory, 0},
    {"ctx_used", run_ctx_used, 0}, {"ctx_used_memory", run_ctx_used_memory, 0},
};

static int option(const char *k, const char *v)
{
    if (!strcmp(k, "--certs")) cfg.certs = v;
    else if (!strcmp(k, "--ver")) cfg.version = atoi(v);
    else if (!strcmp(k, "--key")) cfg.key = v;
    else if (!strcmp(k, "--resume")) cfg.resume = atoi(v);
    else if (!strcmp(k, "--cipher")) cfg.cipher = v;
    else if (!strcmp(k, "--group")) cfg.group = v;
    else if (!strcmp(k, "--chain-cache")) cfg.chain_cache = atoi(v);
    else if (!strcmp(k, "--size")) size = strtoul(v, NULL, 10);
    else if (!strcmp(k, "--time")) seconds = atof(v);
    else if (!strcmp(k, "--warm")) warm = atof(v);
    else if (!strcmp(k, "--conns")) conns = atoi(v);
    else if (!strcmp(k, "--threads")) threads = atoi(v);
    else if (!strcmp(k, "--gather")) gather = atoi(v);
    else if (!strcmp(k, "--rounds")) rounds = atol(v);
    else return 0;
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc % 2) {
        fprintf(stderr, "usage: %s WORKLOAD [--certs DIR] [--ver 12|13] [--key ec|rsa] [--resume 0|1]\n"
                "  [--cipher aes128|chacha] [--group NAME] [--size N] [--time S] [--warm S] [--conns N] [--threads N] [--gather N] [--chain-cache 0|1]\n"
                "  [--rounds N]: that many instead of a time, with --warm 0, for hs, mem_hs, mem_bulk, call and ctx\n",
                argv[0]);
        return 2;
    }
    workload = argv[1];
    for (int i = 2; i + 1 < argc; i += 2)
        if (!option(argv[i], argv[i + 1]))
            die(argv[i]);
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
        if (strcmp(workload, workloads[i].name))
            continue;
        if (workloads[i].contexts) {
            client_ctx = peer_ctx_new(&cfg, 0);
            server_ctx = peer_ctx_new(&cfg, 1);
            if (!client_ctx || !server_ctx)
                die("context");
        }
        workloads[i].run();
        return 0;
    }
    die("unknown workload");
}
