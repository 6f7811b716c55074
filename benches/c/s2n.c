/* s2n-tls, with the cryptography of AWS-LC. Its security policies name what is used: 20190801 for TLS 1.3 (X25519,
 * AES-128-GCM first), 20190214 for TLS 1.2 (P-256, as it has no X25519). */
#include "bench.h"
#include "queue.h"

#include <errno.h>
#include <s2n.h>
#include <stdio.h>
#include <time.h>

#define MOST_SESSION 8192

struct peer_ctx {
    struct s2n_config *config;
    struct s2n_cert_chain_and_key *certified;
    int server, resume, version;
    uint8_t session[MOST_SESSION];
    size_t session_len;
};

struct peer_conn {
    peer_ctx *ctx;
    struct s2n_connection *tls;
    int fd;
    struct queue in, out;
};

const char *peer_library(void) { return "s2n-tls"; }

static void must(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "bench: %s\n", s2n_strerror(s2n_errno, "EN"));
        die(what);
    }
}

static char *text_of(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, READ_SIZE);
    if (!file || !fread(text, 1, READ_SIZE - 1, file))
        die(path);
    fclose(file);
    return text;
}

static int keep_ticket(struct s2n_connection *tls, void *arg, struct s2n_session_ticket *ticket)
{
    peer_ctx *c = arg;
    size_t len;
    (void)tls;
    if (s2n_session_ticket_get_data_len(ticket, &len) || len > sizeof c->session ||
        s2n_session_ticket_get_data(ticket, sizeof c->session, c->session))
        return -1;
    c->session_len = len;
    return 0;
}

static void as_server(peer_ctx *c, const struct peer_cfg *cfg)
{
    char *chain = text_of(cert_file(cfg, "chain")), *key = text_of(cert_file(cfg, "key"));
    c->certified = s2n_cert_chain_and_key_new();
    must(s2n_cert_chain_and_key_load_pem(c->certified, chain, key), "certificate");
    must(s2n_config_add_cert_chain_and_key_to_store(c->config, c->certified), "certificate");
    free(chain);
    free(key);
    if (cfg->resume) {
        static uint8_t name[] = "bench", secret[33] = "a key that is only for this test";
        must(s2n_config_set_session_tickets_onoff(c->config, 1), "tickets");
        must(s2n_config_add_ticket_crypto_key(c->config, name, sizeof name - 1, secret, 32, time(NULL)), "ticket key");
    }
}

static void as_client(peer_ctx *c, const struct peer_cfg *cfg)
{
    if (cfg->system_ca)
        must(s2n_config_load_system_certs(c->config), "the system's CAs");
    else
        must(s2n_config_set_verification_ca_location(c->config, cert_file(cfg, "ca"), NULL), "CA");
    if (cfg->resume) {
        must(s2n_config_set_session_tickets_onoff(c->config, 1), "tickets");
        must(s2n_config_set_session_ticket_cb(c->config, keep_ticket, c), "tickets");
    }
}

peer_ctx *peer_ctx_new(const struct peer_cfg *cfg, int server)
{
    static int begun;
    peer_ctx *c = calloc(1, sizeof *c);
    if (!strcmp(cfg->cipher, "chacha"))
        return NULL;
    if (!begun++) {
        /* 2,000 connections would lock more memory than a user may. */
        setenv("S2N_DONT_MLOCK", "1", 1);
        must(s2n_init(), "s2n_init");
    }
    c->server = server;
    c->resume = cfg->resume;
    c->version = cfg->version;
    c->config = s2n_config_new_minimal();
    must(s2n_config_set_cipher_preferences(c->config, cfg->version == 12 ? "20190214" : "20190801"), "policy");
    (server ? as_server : as_client)(c, cfg);
    return c;
}

void peer_ctx_free(peer_ctx *c)
{
    s2n_config_free(c->config);
    if (c->certified)
        s2n_cert_chain_and_key_free(c->certified);
    free(c);
}

int peer_getter(peer_ctx *c) { return c->server; }

static int receive(void *u, uint8_t *p, uint32_t n)
{
    peer_conn *c = u;
    size_t got = queue_get(&c->in, p, n);
    if (got)
        return got;
    errno = EAGAIN;
    return -1;
}

static int send_all(void *u, const uint8_t *p, uint32_t n)
{
    peer_conn *c = u;
    queue_put(&c->out, p, n);
    return n;
}

peer_conn *peer_conn_new(peer_ctx *ctx, int fd)
{
    peer_conn *c = calloc(1, sizeof *c);
    c->ctx = ctx;
    c->fd = fd;
    c->tls = s2n_connection_new(ctx->server ? S2N_SERVER : S2N_CLIENT);
    must(s2n_connection_set_config(c->tls, ctx->config), "connection");
    must(s2n_connection_set_blinding(c->tls, S2N_SELF_SERVICE_BLINDING), "connection");
    if (fd >= 0) {
        must(s2n_connection_set_fd(c->tls, fd), "connection");
    } else {
        must(s2n_connection_set_recv_cb(c->tls, receive), "connection");
        must(s2n_connection_set_send_cb(c->tls, send_all), "connection");
        must(s2n_connection_set_recv_ctx(c->tls, c), "connection");
        must(s2n_connection_set_send_ctx(c->tls, c), "connection");
    }
    if (!ctx->server) {
        must(s2n_set_server_name(c->tls, BENCH_HOST), "name");
        if (ctx->session_len)
            must(s2n_connection_set_session(c->tls, ctx->session, ctx->session_len), "session");
    }
    return c;
}

void peer_conn_free(peer_conn *c)
{
    peer_ctx *ctx = c->ctx;
    /* In TLS 1.3 the ticket has come to keep_ticket. */
    if (ctx->resume && ctx->version == 12 && !ctx->server) {
        int len = s2n_connection_get_session(c->tls, ctx->session, sizeof ctx->session);
        ctx->session_len = len > 0 ? len : 0;
    }
    s2n_connection_free(c->tls);
    free(c->in.bytes);
    free(c->out.bytes);
    free(c);
}

static int blocked(void) { return s2n_error_get_type(s2n_errno) == S2N_ERR_T_BLOCKED; }

int peer_handshake(peer_conn *c)
{
    s2n_blocked_status status;
    if (s2n_negotiate(c->tls, &status) == 0)
        return 1;
    return blocked() ? PEER_WANT : -1;
}

ssize_t peer_read(peer_conn *c, void *p, size_t n)
{
    s2n_blocked_status status;
    ssize_t r = s2n_recv(c->tls, p, n, &status);
    if (r >= 0)
        return r;
    return blocked() ? PEER_WANT : -1;
}

ssize_t peer_write(peer_conn *c, const void *p, size_t n)
{
    s2n_blocked_status status;
    for (size_t done = 0; done < n;) {
        ssize_t r = s2n_send(c->tls, (const char *)p + done, n - done, &status);
        if (r <= 0)
            return -1;
        done += r;
    }
    return n;
}

int peer_resumed(peer_conn *c) { return s2n_connection_is_session_resumed(c->tls); }

int peer_mem_in(peer_conn *c, const void *p, size_t n)
{
    queue_put(&c->in, p, n);
    return 0;
}

size_t peer_mem_out(peer_conn *c, void *p, size_t n) { return queue_get(&c->out, p, n); }
