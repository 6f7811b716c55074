/* rustls through rustls-ffi, with the cryptography of AWS-LC. It agrees on X25519. Without resumption the server's store of
 * sessions finds none: the C interface cannot turn the client's off. */
#include "bench.h"
#include "queue.h"

#define DEFINE_AWS_LC_RS
#include <errno.h>
#include <rustls.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define MOST_SUITES 16
#define MOST_PARTS 64
#define BUFFER_LIMIT (4 * 1024 * 1024)

struct peer_ctx {
    const struct rustls_client_config *client;
    const struct rustls_server_config *server;
};

struct peer_conn {
    struct rustls_connection *tls;
    int fd;
    struct queue in, out;
};

const char *peer_library(void) { return "rustls"; }

static void must(rustls_result result, const char *what)
{
    if (result != RUSTLS_RESULT_OK)
        die(what);
}

static uint32_t find_none(rustls_session_store_userdata u, const struct rustls_slice_bytes *key, int take, uint8_t *value,
                          size_t size, size_t *len)
{
    (void)u, (void)key, (void)take, (void)value, (void)size, (void)len;
    return RUSTLS_RESULT_NOT_FOUND;
}

static uint32_t keep_none(rustls_session_store_userdata u, const struct rustls_slice_bytes *key,
                          const struct rustls_slice_bytes *value)
{
    (void)u, (void)key, (void)value;
    return RUSTLS_RESULT_OK;
}

static char *contents(const char *path, size_t *len)
{
    FILE *file = fopen(path, "r");
    char *bytes = malloc(READ_SIZE);
    if (!file)
        die(path);
    *len = fread(bytes, 1, READ_SIZE, file);
    fclose(file);
    return bytes;
}

static const struct rustls_crypto_provider *provider_of(const struct peer_cfg *cfg)
{
    const struct rustls_crypto_provider *all = rustls_aws_lc_rs_crypto_provider(), *provider;
    const char *wanted = !strcmp(cfg->cipher, "aes128") ? "AES_128" : !strcmp(cfg->cipher, "chacha") ? "CHACHA" : "";
    const struct rustls_supported_ciphersuite *suites[MOST_SUITES];
    size_t count = 0;
    for (size_t i = 0; i < rustls_crypto_provider_ciphersuites_len(all) && count < MOST_SUITES; i++) {
        const struct rustls_supported_ciphersuite *suite = rustls_crypto_provider_ciphersuites_get(all, i);
        struct rustls_str text = rustls_supported_ciphersuite_get_name(suite);
        char name[80];
        snprintf(name, sizeof name, "%.*s", (int)text.len, text.data);
        if (strstr(name, wanted))
            suites[count++] = suite;
    }
    struct rustls_crypto_provider_builder *builder = rustls_crypto_provider_builder_new_with_base(all);
    must(rustls_crypto_provider_builder_set_cipher_suites(builder, suites, count), "cipher suites");
    must(rustls_crypto_provider_builder_build(builder, &provider), "provider");
    rustls_crypto_provider_builder_free(builder);
    return provider;
}

static void as_server(peer_ctx *c, const struct peer_cfg *cfg, const struct rustls_crypto_provider *provider, uint16_t version)
{
    struct rustls_server_config_builder *builder;
    const struct rustls_certified_key *certified;
    struct rustls_signing_key *signer;
    size_t chain_len, key_len;
    char *chain = contents(cert_file(cfg, "chain"), &chain_len);
    char *key = contents(cert_file(cfg, "key"), &key_len);
    must(rustls_server_config_builder_new_custom(provider, &version, 1, &builder), "server");
    must(rustls_crypto_provider_load_key(provider, (uint8_t *)key, key_len, &signer), "key");
    must(rustls_certified_key_build_with_signing_key((uint8_t *)chain, chain_len, signer, &certified), "certificate");
    must(rustls_server_config_builder_set_certified_keys(builder, &certified, 1), "certificate");
    if (!cfg->resume)
        rustls_server_config_builder_set_persistence(builder, find_none, keep_none);
    must(rustls_server_config_builder_build(builder, &c->server), "server");
    rustls_certified_key_free(certified);
    free(chain);
    free(key);
}

static struct rustls_server_cert_verifier *verifier_of(const struct peer_cfg *cfg, const struct rustls_crypto_provider *provider)
{
    struct rustls_server_cert_verifier *verifier = NULL;
    const struct rustls_root_cert_store *roots;
    if (cfg->system_ca) {
        must(rustls_platform_server_cert_verifier_try_with_provider(provider, &verifier), "the system's CAs");
        return verifier;
    }
    struct rustls_root_cert_store_builder *store = rustls_root_cert_store_builder_new();
    must(rustls_root_cert_store_builder_load_roots_from_file(store, cert_file(cfg, "ca"), true), "CA");
    must(rustls_root_cert_store_builder_build(store, &roots), "CA");
    struct rustls_web_pki_server_cert_verifier_builder *builder =
        rustls_web_pki_server_cert_verifier_builder_new_with_provider(provider, roots);
    must(rustls_web_pki_server_cert_verifier_builder_build(builder, &verifier), "verifier");
    rustls_web_pki_server_cert_verifier_builder_free(builder);
    rustls_root_cert_store_free(roots);
    rustls_root_cert_store_builder_free(store);
    return verifier;
}

static void as_client(peer_ctx *c, const struct peer_cfg *cfg, const struct rustls_crypto_provider *provider, uint16_t version)
{
    struct rustls_client_config_builder *builder;
    struct rustls_server_cert_verifier *verifier = verifier_of(cfg, provider);
    must(rustls_client_config_builder_new_custom(provider, &version, 1, &builder), "client");
    rustls_client_config_builder_set_server_verifier(builder, verifier);
    must(rustls_client_config_builder_build(builder, &c->client), "client");
    rustls_server_cert_verifier_free(verifier);
}

peer_ctx *peer_ctx_new(const struct peer_cfg *cfg, int server)
{
    peer_ctx *c = calloc(1, sizeof *c);
    const struct rustls_crypto_provider *provider = provider_of(cfg);
    (server ? as_server : as_client)(c, cfg, provider, cfg->version == 12 ? 0x0303 : 0x0304);
    rustls_crypto_provider_free(provider);
    return c;
}

void peer_ctx_free(peer_ctx *c)
{
    rustls_client_config_free(c->client);
    rustls_server_config_free(c->server);
    free(c);
}

int peer_getter(peer_ctx *c) { return c->client != NULL; }

peer_conn *peer_conn_new(peer_ctx *ctx, int fd)
{
    peer_conn *c = calloc(1, sizeof *c);
    c->fd = fd;
    if (ctx->server)
        must(rustls_server_connection_new(ctx->server, &c->tls), "connection");
    else
        must(rustls_client_connection_new(ctx->client, BENCH_HOST, &c->tls), "connection");
    if (fd < 0)
        rustls_connection_set_buffer_limit(c->tls, BUFFER_LIMIT);
    return c;
}

void peer_conn_free(peer_conn *c)
{
    rustls_connection_free(c->tls);
    free(c->in.bytes);
    free(c->out.bytes);
    free(c);
}

static rustls_io_result receive(void *u, uint8_t *bytes, size_t size, size_t *len)
{
    peer_conn *c = u;
    if (c->fd < 0) {
        *len = queue_get(&c->in, bytes, size);
        return *len ? 0 : EAGAIN;
    }
    ssize_t r = recv(c->fd, bytes, size, 0);
    *len = r < 0 ? 0 : r;
    return r < 0 ? errno : 0;
}

/* A rustls_iovec is documented to be laid out like the system's. */
static rustls_io_result send_parts(void *u, const struct rustls_iovec *parts, size_t count, size_t *len)
{
    peer_conn *c = u;
    const struct iovec *vector = (const struct iovec *)parts;
    if (c->fd < 0) {
        *len = 0;
        for (size_t i = 0; i < count; i++) {
            queue_put(&c->out, vector[i].iov_base, vector[i].iov_len);
            *len += vector[i].iov_len;
        }
        return 0;
    }
    ssize_t r = writev(c->fd, vector, count > MOST_PARTS ? MOST_PARTS : count);
    *len = r < 0 ? 0 : r;
    return r < 0 ? errno : 0;
}

static int flush(peer_conn *c)
{
    size_t len;
    while (rustls_connection_wants_write(c->tls))
        if (rustls_connection_write_tls_vectored(c->tls, send_parts, c, &len) || !len)
            return -1;
    return 0;
}

/* 1 for some bytes, 0 at the end, PEER_WANT or -1. */
static int fill(peer_conn *c)
{
    size_t len = 0;
    rustls_io_result result = rustls_connection_read_tls(c->tls, receive, c, &len);
    if (result)
        return result == EAGAIN ? PEER_WANT : -1;
    if (!len)
        return 0;
    return rustls_connection_process_new_packets(c->tls) == RUSTLS_RESULT_OK ? 1 : -1;
}

int peer_handshake(peer_conn *c)
{
    for (;;) {
        if (flush(c))
            return -1;
        if (!rustls_connection_is_handshaking(c->tls))
            return 1;
        int r = fill(c);
        if (r != 1)
            return r == PEER_WANT ? PEER_WANT : -1;
    }
}

ssize_t peer_read(peer_conn *c, void *p, size_t n)
{
    for (;;) {
        size_t got = 0;
        rustls_result result = rustls_connection_read(c->tls, p, n, &got);
        if (result == RUSTLS_RESULT_OK)
            return got;
        if (result != RUSTLS_RESULT_PLAINTEXT_EMPTY)
            return -1;
        int r = fill(c);
        if (r != 1)
            return r;
    }
}

ssize_t peer_write(peer_conn *c, const void *p, size_t n)
{
    for (size_t done = 0, part; done < n; done += part) {
        part = 0;
        if (rustls_connection_write(c->tls, (const uint8_t *)p + done, n - done, &part) != RUSTLS_RESULT_OK || !part || flush(c))
            return -1;
    }
    return n;
}

int peer_resumed(peer_conn *c) { return rustls_connection_handshake_kind(c->tls) == RUSTLS_HANDSHAKE_KIND_RESUMED; }

int peer_mem_in(peer_conn *c, const void *p, size_t n)
{
    queue_put(&c->in, p, n);
    return 0;
}

size_t peer_mem_out(peer_conn *c, void *p, size_t n) { return queue_get(&c->out, p, n); }
