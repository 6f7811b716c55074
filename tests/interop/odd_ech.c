// Peers for Encrypted ClientHello that no program offers, over a libssl that has it and is linked with
// -Wl,--wrap=ossl_ech_calc_confirm -Wl,--wrap=ossl_ech_early_decrypt.
// odd_ech server CERTS KEYS CONFIRMATIONS: a server that decrypts. CONFIRMATIONS says which of its confirmations are true: "both",
// "retry" (of its HelloRetryRequest alone), "hello" (of its ServerHello alone) or "none". It asks for the certificate of a client.
// odd_ech front KEYS PORT: decrypts, and passes the inner ClientHello and all that follows on to the server at that port.
// Both write their port, then a line for each connection.
#include <arpa/inet.h>
#include <openssl/ech.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIGNAL 8
#define HEAD 5

// What libssl has inside: a connection, and the bytes of a message that are still to be read.
typedef struct connection connection;
typedef struct packet {
  const unsigned char *data, *message;
  size_t left;
} packet;
int __real_ossl_ech_calc_confirm(connection *ssl, int for_retry, unsigned char *signal, size_t len);
int __real_ossl_ech_early_decrypt(connection *ssl, packet *outer, packet *inner);
int ossl_ech_intbuf_fetch(connection *ssl, unsigned char **transcript, size_t *len);
int __wrap_ossl_ech_calc_confirm(connection *ssl, int for_retry, unsigned char *signal, size_t len);
int __wrap_ossl_ech_early_decrypt(connection *ssl, packet *outer, packet *inner);

static bool true_retry = true, true_hello = true;
static unsigned char decrypted[1 << 14];
static size_t decrypted_len;

// A HelloRetryRequest with another confirmation is in the transcript with that one.
int __wrap_ossl_ech_calc_confirm(connection *ssl, int for_retry, unsigned char *signal, size_t len) {
  unsigned char *transcript;
  size_t size;
  int done = __real_ossl_ech_calc_confirm(ssl, for_retry, signal, len);
  if (done != 1 || (for_retry ? true_retry : true_hello)) return done;
  signal[0] ^= 1;
  if (for_retry && ossl_ech_intbuf_fetch(ssl, &transcript, &size) == 1) transcript[size - SIGNAL] ^= 1;
  return done;
}

int __wrap_ossl_ech_early_decrypt(connection *ssl, packet *outer, packet *inner) {
  *inner = (packet){0};
  int done = __real_ossl_ech_early_decrypt(ssl, outer, inner);
  decrypted_len = inner->left < sizeof decrypted ? inner->left : 0;
  if (decrypted_len) memcpy(decrypted, inner->data, decrypted_len);
  return done;
}

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  ERR_print_errors_fp(stderr);
  exit(1);
}

static SSL_CTX *new_context(const char *certs, const char *keys) {
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  OSSL_ECHSTORE *store = OSSL_ECHSTORE_new(NULL, NULL);
  BIO *file = BIO_new_file(keys, "r");
  if (!context || !store || !file || OSSL_ECHSTORE_read_pem(store, file, OSSL_ECH_FOR_RETRY) != 1 ||
      SSL_CTX_set1_echstore(context, store) != 1)
    fail(keys);
  BIO_free(file);
  OSSL_ECHSTORE_free(store);
  if (certs) {
    char cert[4096], key[4096];
    snprintf(cert, sizeof cert, "%s.pem", certs);
    snprintf(key, sizeof key, "%s.key", certs);
    if (SSL_CTX_use_certificate_chain_file(context, cert) != 1 || SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
      fail(certs);
  }
  return context;
}

static int open_socket(unsigned short port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  socklen_t len = sizeof address;
  bool done = port ? connect(fd, (struct sockaddr *)&address, len) == 0
                   : bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, 5) == 0;
  if (!done) fail("socket");
  if (!port && getsockname(fd, (struct sockaddr *)&address, &len) == 0) printf("port %d\n", ntohs(address.sin_port));
  return fd;
}

static int take_any(int passed, X509_STORE_CTX *verification) {
  (void)passed, (void)verification;
  return 1;
}

static void serve(SSL_CTX *context, int fd) {
  char *inner = NULL, *outer = NULL, byte = 0;
  SSL *ssl = SSL_new(context);
  SSL_set_fd(ssl, fd);
  int done = SSL_accept(ssl);
  X509 *shown = SSL_get1_peer_certificate(ssl);
  int got = done == 1 ? SSL_read(ssl, &byte, 1) : 0;
  SSL_ech_get1_status(ssl, &inner, &outer);
  printf("served: handshake %d, certificate %d, data %d, inner %s, error %s\n", done, shown != NULL, got > 0, inner ? inner : "none",
         ERR_peek_error() ? ERR_reason_error_string(ERR_peek_error()) : "none");
  if (got > 0) SSL_write(ssl, &byte, 1);
  ERR_clear_error();
  X509_free(shown);
  OPENSSL_free(inner);
  OPENSSL_free(outer);
  SSL_free(ssl);
}

static bool move(int from, int to) {
  unsigned char buffer[1 << 14];
  ssize_t got = read(from, buffer, sizeof buffer);
  return got > 0 && write(to, buffer, (size_t)got) == got;
}

static void splice(int one, int other) {
  struct pollfd ends[] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
  for (;;) {
    if (poll(ends, 2, -1) < 0) return;
    if (ends[0].revents && !move(one, other)) return;
    if (ends[1].revents && !move(other, one)) return;
  }
}

static bool read_whole(int fd, unsigned char *bytes, size_t len) {
  for (ssize_t got; len; bytes += got, len -= (size_t)got)
    if ((got = read(fd, bytes, len)) <= 0) return false;
  return true;
}

// Reads the first record, which has the whole ClientHello, and sends another one in its place.
static void pass_on(SSL_CTX *context, int client, unsigned short port) {
  unsigned char record[HEAD + (1 << 14)];
  if (!read_whole(client, record, HEAD) || !read_whole(client, record + HEAD, (size_t)(record[3] << 8 | record[4]))) return;
  SSL *ssl = SSL_new(context);
  BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
  BIO_write(in, record, HEAD + (record[3] << 8 | record[4]));
  SSL_set_bio(ssl, in, out);
  decrypted_len = 0;
  SSL_accept(ssl);
  SSL_free(ssl);
  ERR_clear_error();
  printf("passed on: %d\n", decrypted_len > 0);
  if (!decrypted_len) return;
  size_t len = decrypted_len + 4;
  unsigned char head[] = {22, 3, 1, (unsigned char)(len >> 8), (unsigned char)len, 1, 0, (unsigned char)(decrypted_len >> 8),
                          (unsigned char)decrypted_len};
  int server = open_socket(port);
  if (write(server, head, sizeof head) == sizeof head && write(server, decrypted, decrypted_len) == (ssize_t)decrypted_len)
    splice(client, server);
  close(server);
}

int main(int argc, char **argv) {
  bool is_front = argc == 4 && !strcmp(argv[1], "front");
  if (!is_front && argc != 5) fail("usage: see odd_ech.c");
  setvbuf(stdout, NULL, _IOLBF, 0);
  SSL_CTX *context = new_context(is_front ? NULL : argv[2], argv[is_front ? 2 : 3]);
  if (!is_front) {
    true_retry = !strcmp(argv[4], "both") || !strcmp(argv[4], "retry");
    true_hello = !strcmp(argv[4], "both") || !strcmp(argv[4], "hello");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, take_any);
    if (SSL_CTX_set1_groups_list(context, "P-384") != 1) fail("groups");
  }
  for (int listener = open_socket(0), fd; (fd = accept(listener, NULL, NULL)) >= 0; close(fd)) {
    if (is_front)
      pass_on(context, fd, (unsigned short)atoi(argv[3]));
    else
      serve(context, fd);
  }
}
