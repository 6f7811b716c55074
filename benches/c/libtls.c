/* libtls (LibreSSL's API; Debian's libtls is the port onto OpenSSL). A client
 * is configured for each connection: the API has no shared client context.
 * Resumption is left out: it goes through a session file. */
#include "bench.h"
#include "queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tls.h>

struct peer_ctx {
    struct tls_config *cfg;
    struct tls *server;
};

struct peer_conn {
    struct tls *tls;
    int fd;
    struct queue in, out;
};

const char *peer_library(void) { return "libtls"; }

static ssize_t rd(struct tls *t, void *p, size_t n, void *arg)
{
    peer_conn *c = arg;
    (void)t;
    n = queue_get(&c->in, p, n);
    return n ? (ssize_t)n : TLS_WANT_POLLIN;
}

static ssize_t wr(struct tls *t, const void *p, size_t n, void *arg)
{
    peer_conn *c = arg;
    (void)t;
    queue_put(&c->out, p, n);
    return n;
}

peer_ctx *peer_ctx_new(const struct peer_cfg *cfg, int server)
{
    peer_ctx *c = calloc(1, sizeof *c);
    if (cfg->resume)
        return NULL;
    c->cfg = tls_config_new();
    tls_config_set_protocols(c->cfg, cfg->version == 12 ? TLS_PROTOCOL_TLSv1_2 : TLS_PROTOCOL_TLSv1_3);
    if (cfg->cipher[0] && tls_config_set_ciphers(c->cfg, !strcmp(cfg->cipher, "aes128") ?
                                                 "TLS_AES_128_GCM_SHA256" : "TLS_CHACHA20_POLY1305_SHA256"))
        die(tls_config_error(c->cfg));
    if (server) {
        if (tls_config_set_keypair_file(c->cfg, cert_file(cfg, "chain"), cert_file(cfg, "key")))
            die(tls_config_error(c->cfg));
        c->server = tls_server();
        if (tls_configure(c->server, c->cfg))
            die(tls_error(c->server));
    } else if (!cfg->system_ca && tls_config_set_ca_file(c->cfg, cert_file(cfg, "ca"))) {
        die(tls_config_error(c->cfg));
    }
    return c;
}

void peer_ctx_free(peer_ctx *c)
{
    tls_free(c->server);
    tls_config_free(c->cfg);
    free(c);
}

peer_conn *peer_conn_new(peer_ctx *ctx, int fd)
{
    peer_conn *c = calloc(1, sizeof *c);
    int r;
    c->fd = fd;
    if (ctx->server) {
        r = fd >= 0 ? tls_accept_socket(ctx->server, &c->tls, fd) : tls_accept_cbs(ctx->server, &c->tls, rd, wr, c);
    } else {
        c->tls = tls_client();
        if (tls_configure(c->tls, ctx->cfg))
            die(tls_error(c->tls));
        r = fd >= 0 ? tls_connect_socket(c->tls, fd, BENCH_HOST) : tls_connect_cbs(c->tls, rd, wr, c, BENCH_HOST);
    }
    return r ? NULL : c;
}

void peer_conn_free(peer_conn *c)
{
    tls_free(c->tls);
    free(c->in.bytes);
    free(c->out.bytes);
    free(c);
}

int peer_handshake(peer_conn *c)
{
    int r = tls_handshake(c->tls);
    return r == 0 ? 1 : r == TLS_WANT_POLLIN || r == TLS_WANT_POLLOUT ? PEER_WANT : -1;
}

ssize_t peer_read(peer_conn *c, void *p, size_t n)
{
    /* It also answers "want" after a message that is no data (a ticket). */
    for (;;) {
        size_t left = c->in.to - c->in.from;
        ssize_t r = tls_read(c->tls, p, n);
        if (r != TLS_WANT_POLLIN && r != TLS_WANT_POLLOUT)
            return r;
        if (c->fd < 0 && left == c->in.to - c->in.from)
            return PEER_WANT;
    }
}

ssize_t peer_write(peer_conn *c, const void *p, size_t n)
{
    size_t done = 0;
    while (done < n) {
        ssize_t r = tls_write(c->tls, (const char *)p + done, n - done);
        if (r <= 0)
            return -1;
        done += r;
    }
    return done;
}

int peer_getter(peer_ctx *c) { return c->cfg != NULL; }

int peer_resumed(peer_conn *c) { return tls_conn_session_resumed(c->tls); }

int peer_mem_in(peer_conn *c, const void *p, size_t n)
{
    queue_put(&c->in, p, n);
    return 0;
}

size_t peer_mem_out(peer_conn *c, void *p, size_t n) { return queue_get(&c->out, p, n); }
