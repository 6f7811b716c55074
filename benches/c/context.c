/* Client contexts that trust the system's CAs, and the price of a question. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

#define ALIVE 1000

static peer_ctx *make(void)
{
    peer_ctx *c = peer_ctx_new(&cfg, 0);
    if (!c)
        die("context");
    return c;
}

void run_ctx(void)
{
    long n = 0;
    cfg.system_ca = 1;
    peer_ctx_free(make());
    double t0 = now(), c0 = cpu();
    for (double end = t0 + seconds; going(end); n++)
        peer_ctx_free(make());
    report("ctx/s", n, now() - t0, cpu() - c0);
}

/* The first one of a process. */
void run_ctx_cold(void)
{
    /* OpenSSL's own start is not what is measured. */
    peer_ctx_free(make());
    cfg.system_ca = 1;
    double t0 = now(), c0 = cpu();
    make();
    report("ctx/s", 1, now() - t0, cpu() - c0);
}

void run_ctx_memory(void)
{
    int alive = conns < ALIVE ? conns : ALIVE;
    cfg.system_ca = 1;
    make();
    long before = resident();
    for (int i = 0; i < alive; i++)
        make();
    report_size("KiB/ctx", (resident() - before) / 1024.0 / alive);
}

/* The system's CAs and the one that signed the server's certificate. */
static void trust_all(void)
{
    char file[600];
    snprintf(file, sizeof file, "%s/system.pem", cfg.certs);
    setenv("SSL_CERT_FILE", file, 1);
    server_ctx = peer_ctx_new(&cfg, 1);
    cfg.system_ca = 1;
}

static peer_ctx *make_used(void)
{
    peer_ctx *c = make();
    mem_once(c, server_ctx);
    return c;
}

void run_ctx_used(void)
{
    long n = 0;
    trust_all();
    peer_ctx_free(make_used());
    double t0 = now(), c0 = cpu();
    for (double end = t0 + seconds; now() < end; n++)
        peer_ctx_free(make_used());
    report("ctx/s", n, now() - t0, cpu() - c0);
}

void run_ctx_used_memory(void)
{
    int alive = conns < ALIVE ? conns : ALIVE;
    trust_all();
    make_used();
    long before = resident();
    for (int i = 0; i < alive; i++)
        make_used();
    report_size("KiB/ctx", (resident() - before) / 1024.0 / alive);
}

void run_call(void)
{
    long n = 0, sum = 0;
    double c0 = cpu(), t0 = now();
    for (double end = t0 + seconds; going(end); n += 1000000)
        for (int i = 0; i < 1000000; i++)
            sum += peer_getter(client_ctx);
    double t1 = now(), c1 = cpu();
    if (!sum)
        die("getter");
    report("calls/s", n, t1 - t0, c1 - c0);
}
