/* tlsock through its C interface: sockets as SSLSocket, memory as SSLObject with the pump. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tlsock.h>

#define MOST_PARTS 64

struct peer_ctx {
    tlsock_context *context;
    tlsock_session *session;
    int server, resume;
};

struct peer_conn {
    peer_ctx *ctx;
    tlsock_socket *socket;
    tlsock_object *object;
    tlsock_bio *incoming, *outgoing;
    const char *lent;
    size_t lent_len;
    int dry; /* the pump has given all there is */
};

const char *peer_library(void) { return "tlsock " TLSOCK_VERSION; }

static int failed(tlsock_status status, tlsock_error *error)
{
    if (status == TLSOCK_OK)
        return 0;
    if (error)
        fprintf(stderr, "bench: %s: %s\n", tlsock_status_name(status), tlsock_error_message(error));
    tlsock_error_free(error);
    return 1;
}

static void must(tlsock_status status, tlsock_error *error)
{
    if (failed(status, error))
        die("tlsock");
}

static void set_cipher(tlsock_context *context, const char *cipher)
{
    tlsock_error *error = NULL;
    if (!*cipher)
        return;
    int aes = !strcmp(cipher, "aes128");
    must(tlsock_context_set_ciphers(context, aes ? "ECDHE+AESGCM+AES128" : "ECDHE+CHACHA20", &error), error);
    must(tlsock_context_set_ciphersuites(context, aes ? "TLS_AES_128_GCM_SHA256" : "TLS_CHACHA20_POLY1305_SHA256", &error), error);
}

peer_ctx *peer_ctx_new(const struct peer_cfg *cfg, int server)
{
    peer_ctx *c = calloc(1, sizeof *c);
    tlsock_error *error = NULL;
    int v = cfg->version == 12 ? TLSOCK_TLS_VERSION_TLSV1_2 : TLSOCK_TLS_VERSION_TLSV1_3;
    c->server = server;
    c->resume = cfg->resume && !server;
    if (cfg->system_ca && !server) {
        must(tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, NULL, 0, &c->context, &error), error);
        return c;
    }
    must(tlsock_context_new(server ? TLSOCK_PROTOCOL_TLS_SERVER : TLSOCK_PROTOCOL_TLS_CLIENT, &c->context, &error), error);
    must(tlsock_context_set_minimum_version(c->context, v, &error), error);
    must(tlsock_context_set_maximum_version(c->context, v, &error), error);
    set_cipher(c->context, cfg->cipher);
    if (*cfg->group)
        must(tlsock_context_set_groups(c->context, cfg->group, &error), error);
    if (server)
        must(tlsock_context_load_cert_chain(c->context, cert_file(cfg, "chain"), cert_file(cfg, "key"), NULL, &error), error);
    else
        must(tlsock_context_load_verify_locations(c->context, cert_file(cfg, "ca"), NULL, NULL, 0, &error), error);
    if (cfg->chain_cache)
        must(tlsock_context_set_chain_cache(c->context, true, &error), error);
    return c;
}

void peer_ctx_free(peer_ctx *c)
{
    tlsock_session_free(c->session);
    tlsock_context_free(c->context);
    free(c);
}

int peer_getter(peer_ctx *c) { return tlsock_context_protocol(c->context); }

peer_conn *peer_conn_new(peer_ctx *ctx, int fd)
{
    peer_conn *c = calloc(1, sizeof *c);
    tlsock_error *error = NULL;
    unsigned flags = (ctx->server ? TLSOCK_WRAP_SERVER_SIDE : 0) | (fd < 0 ? 0 : TLSOCK_WRAP_NO_HANDSHAKE);
    const char *name = ctx->server ? NULL : BENCH_HOST;
    c->ctx = ctx;
    if (fd >= 0) {
        must(tlsock_context_wrap_socket(ctx->context, fd, flags, name, ctx->session, &c->socket, &error), error);
        return c;
    }
    must(tlsock_bio_new(&c->incoming, &error), error);
    must(tlsock_bio_new(&c->outgoing, &error), error);
    must(tlsock_context_wrap_bio(ctx->context, c->incoming, c->outgoing, flags, name, ctx->session, &c->object, &error), error);
    return c;
}

static void keep_session(peer_conn *c)
{
    tlsock_session *session = NULL;
    tlsock_error *error = NULL;
    if (c->socket)
        must(tlsock_socket_session(c->socket, &session, &error), error);
    else
        must(tlsock_object_session(c->object, &session, &error), error);
    tlsock_session_free(c->ctx->session);
    c->ctx->session = session;
}

void peer_conn_free(peer_conn *c)
{
    if (c->ctx->resume)
        keep_session(c);
    if (c->socket)
        tlsock_socket_detach(c->socket);
    tlsock_socket_free(c->socket);
    tlsock_object_free(c->object);
    tlsock_bio_free(c->incoming);
    tlsock_bio_free(c->outgoing);
    free(c);
}

/* Lets the object read what was lent, then keeps what it left. */
static ssize_t pump(peer_conn *c, void *p, size_t n)
{
    tlsock_pump_result done;
    tlsock_error *error = NULL;
    if (c->dry)
        return PEER_WANT;
    tlsock_status status = tlsock_object_pump(c->object, 0, c->lent, c->lent_len, NULL, 0, p, n, NULL, 0, &done, &error);
    c->lent += done.ciphertext_used;
    c->lent_len -= done.ciphertext_used;
    c->dry = done.plaintext_len && done.plaintext_len < n && !c->lent_len;
    if (done.plaintext_len)
        return done.plaintext_len;
    if (status == TLSOCK_WANT_READ)
        return PEER_WANT;
    return failed(status, error) ? -1 : 0;
}

int peer_handshake(peer_conn *c)
{
    tlsock_error *error = NULL;
    if (c->socket)
        return failed(tlsock_socket_do_handshake(c->socket, &error), error) ? -1 : 1;
    ssize_t r = pump(c, NULL, 0);
    if (r)
        return r;
    if (c->lent_len)
        must(tlsock_bio_write(c->incoming, c->lent, c->lent_len, &error), error);
    c->lent_len = 0;
    return 1;
}

ssize_t peer_read(peer_conn *c, void *p, size_t n)
{
    size_t got = 0;
    tlsock_error *error = NULL;
    if (c->object)
        return pump(c, p, n);
    return failed(tlsock_socket_recv(c->socket, p, n, &got, &error), error) ? -1 : (ssize_t)got;
}

ssize_t peer_write(peer_conn *c, const void *p, size_t n)
{
    tlsock_error *error = NULL;
    tlsock_status status = c->object ? tlsock_object_write(c->object, p, n, NULL, &error)
                                     : tlsock_socket_sendall(c->socket, p, n, &error);
    return failed(status, error) ? -1 : (ssize_t)n;
}

ssize_t peer_gather(peer_conn *c, const void *p, size_t n, int count)
{
    tlsock_part parts[MOST_PARTS] = {{NULL, 0}};
    tlsock_error *error = NULL;
    if (count == 1)
        return peer_write(c, p, n);
    if (count > MOST_PARTS)
        die("gather");
    for (int i = 0; i < count; i++)
        parts[i] = (tlsock_part){p, n};
    size_t sent = 0;
    return failed(tlsock_socket_sendv(c->socket, parts, count, &sent, &error), error) ? -1 : (ssize_t)sent;
}

int peer_resumed(peer_conn *c)
{
    return c->socket ? tlsock_socket_session_reused(c->socket) : tlsock_object_session_reused(c->object);
}

int peer_mem_in(peer_conn *c, const void *p, size_t n)
{
    tlsock_error *error = NULL;
    if (c->lent_len) {
        must(tlsock_bio_write(c->incoming, c->lent, c->lent_len, &error), error);
        c->lent_len = 0;
    }
    c->lent = p;
    c->lent_len = n;
    c->dry = 0;
    return 0;
}

size_t peer_mem_out(peer_conn *c, void *p, size_t n)
{
    size_t got = 0;
    tlsock_error *error = NULL;
    must(tlsock_bio_read(c->outgoing, p, n, &got, &error), error);
    return got;
}

size_t peer_mem_write(peer_conn *c, const void *p, size_t n, void *wire, size_t wire_size)
{
    tlsock_pump_result done;
    tlsock_error *error = NULL;
    must(tlsock_object_pump(c->object, 0, NULL, 0, p, n, NULL, 0, wire, wire_size, &done, &error), error);
    return done.ciphertext_len;
}
