/* libssl used directly, as its manual shows it: the yardstick. */
#include "bench.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

struct peer_ctx {
    SSL_CTX *ssl;
    int server;
    SSL_SESSION *session;
};

struct peer_conn {
    SSL *ssl;
};

const char *peer_library(void) { return OpenSSL_version(OPENSSL_VERSION_STRING); }

static int new_session(SSL *s, SSL_SESSION *session)
{
    peer_ctx *c = SSL_CTX_get_app_data(SSL_get_SSL_CTX(s));
    SSL_SESSION_free(c->session);
    c->session = session;
    return 1;
}

static void as_server(peer_ctx *c, const struct peer_cfg *cfg)
{
    static const unsigned char id[] = "bench";
    if (SSL_CTX_use_certificate_chain_file(c->ssl, cert_file(cfg, "chain")) != 1)
        die("certificate");
    if (SSL_CTX_use_PrivateKey_file(c->ssl, cert_file(cfg, "key"), SSL_FILETYPE_PEM) != 1)
        die("key");
    SSL_CTX_set_session_id_context(c->ssl, id, sizeof id);
}

static void as_client(peer_ctx *c, const struct peer_cfg *cfg)
{
    SSL_CTX_set_verify(c->ssl, SSL_VERIFY_PEER, NULL);
    if (cfg->system_ca)
        SSL_CTX_set_default_verify_paths(c->ssl);
    else if (SSL_CTX_load_verify_locations(c->ssl, cert_file(cfg, "ca"), NULL) != 1)
        die("CA");
    if (cfg->resume) {
        SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(c->ssl, new_session);
    }
}

peer_ctx *peer_ctx_new(const struct peer_cfg *cfg, int server)
{
    peer_ctx *c = calloc(1, sizeof *c);
    int v = cfg->version == 12 ? TLS1_2_VERSION : TLS1_3_VERSION;
    c->ssl = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (!c->ssl)
        die("SSL_CTX_new");
    c->server = server;
    SSL_CTX_set_app_data(c->ssl, c);
    SSL_CTX_set_min_proto_version(c->ssl, v);
    SSL_CTX_set_max_proto_version(c->ssl, v);
    if (!strcmp(cfg->cipher, "aes128")) {
        SSL_CTX_set_ciphersuites(c->ssl, "TLS_AES_128_GCM_SHA256");
        SSL_CTX_set_cipher_list(c->ssl, "ECDHE+AESGCM+AES128");
    } else if (!strcmp(cfg->cipher, "chacha")) {
        SSL_CTX_set_ciphersuites(c->ssl, "TLS_CHACHA20_POLY1305_SHA256");
        SSL_CTX_set_cipher_list(c->ssl, "ECDHE+CHACHA20");
    }
    if (*cfg->group && SSL_CTX_set1_groups_list(c->ssl, cfg->group) != 1)
        die("group");
    SSL_CTX_set_mode(c->ssl, SSL_MODE_AUTO_RETRY);
    (server ? as_server : as_client)(c, cfg);
    return c;
}

void peer_ctx_free(peer_ctx *c)
{
    SSL_SESSION_free(c->session);
    SSL_CTX_free(c->ssl);
    free(c);
}

int peer_getter(peer_ctx *c) { return SSL_CTX_get_verify_mode(c->ssl); }

peer_conn *peer_conn_new(peer_ctx *ctx, int fd)
{
    peer_conn *c = calloc(1, sizeof *c);
    c->ssl = SSL_new(ctx->ssl);
    if (fd >= 0)
        SSL_set_fd(c->ssl, fd);
    else
        SSL_set_bio(c->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    if (ctx->server) {
        SSL_set_accept_state(c->ssl);
    } else {
        SSL_set_connect_state(c->ssl);
        SSL_set1_host(c->ssl, BENCH_HOST);
        SSL_set_tlsext_host_name(c->ssl, BENCH_HOST);
    }
    if (ctx->session)
        SSL_set_session(c->ssl, ctx->session);
    return c;
}

void peer_conn_free(peer_conn *c)
{
    /* Without this a connection that was not closed would lose its session. */
    SSL_set_shutdown(c->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(c->ssl);
    free(c);
}

static ssize_t failed(peer_conn *c, int r)
{
    int e = SSL_get_error(c->ssl, r);
    if (e == SSL_ERROR_WANT_READ)
        return PEER_WANT;
    ERR_clear_error();
    return e == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

int peer_handshake(peer_conn *c)
{
    int r = SSL_do_handshake(c->ssl);
    if (r == 1)
        return 1;
    return failed(c, r) == PEER_WANT ? PEER_WANT : -1;
}

ssize_t peer_read(peer_conn *c, void *p, size_t n)
{
    size_t got = 0;
    return SSL_read_ex(c->ssl, p, n, &got) ? (ssize_t)got : failed(c, 0);
}

ssize_t peer_write(peer_conn *c, const void *p, size_t n)
{
    size_t done;
    return SSL_write_ex(c->ssl, p, n, &done) ? (ssize_t)done : -1;
}

int peer_resumed(peer_conn *c) { return SSL_session_reused(c->ssl); }

int peer_mem_in(peer_conn *c, const void *p, size_t n)
{
    return BIO_write(SSL_get_rbio(c->ssl), p, n) == (int)n ? 0 : -1;
}

size_t peer_mem_out(peer_conn *c, void *p, size_t n)
{
    int r = BIO_read(SSL_get_wbio(c->ssl), p, n);
    return r > 0 ? r : 0;
}
