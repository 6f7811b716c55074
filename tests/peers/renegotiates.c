// A peer of TLS 1.2 made of raw libssl, which has a second handshake on its connection and shows another certificate in it.
//
//   renegotiates CERTS server FIRST SECOND        listens, and prints its port
//   renegotiates CERTS client PORT FIRST SECOND
//
// FIRST and SECOND are certificates of the folder CERTS, or "-" for none: the server then uses a cipher without one. As
// SECOND, "=" resumes the session of the first handshake, and "@NAME" (clients, before OpenSSL 4) the session of another
// connection, which was made with the certificate NAME.
//
// It waits for a byte, renegotiates, sends "again", waits for another byte and prints how that went: "done", or "alert NUMBER"
// for one that has come.
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIMIT = 120, ANSWER = 6 };

static const char *certs;

static void need(bool good, const char *what) {
  if (good) return;
  fprintf(stderr, "renegotiates: %s\n", what);
  ERR_print_errors_fp(stderr);
  exit(2);
}

static bool is_named(const char *name) { return strcmp(name, "-") != 0 && strcmp(name, "=") != 0; }

// Shows a certificate from now on, or none.
static void show(SSL *ssl, const char *name) {
  char cert[4096], key[4096];
  if (!is_named(name)) {
    SSL_certs_clear(ssl);
    return;
  }
  snprintf(cert, sizeof cert, "%s/%s.pem", certs, name);
  snprintf(key, sizeof key, "%s/%s.key", certs, name);
  SSL_certs_clear(ssl);
  need(SSL_use_certificate_chain_file(ssl, cert) == 1, cert);
  need(SSL_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) == 1, key);
}

// A session can be set on a connection that has begun only if its method is the context's, which is so for those of one
// version. OpenSSL 4 has none.
static const SSL_METHOD *client_method(void) {
#if OPENSSL_VERSION_MAJOR < 4
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  return TLSv1_2_client_method();
#pragma GCC diagnostic pop
#else
  return TLS_client_method();
#endif
}

static SSL_CTX *context(bool server) {
  SSL_CTX *context = SSL_CTX_new(server ? TLS_server_method() : client_method());
  need(context && SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) == 1, "a context");
  SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
  return context;
}

static SSL *connection(SSL_CTX *context, int fd, const char *name) {
  SSL *ssl = SSL_new(context);
  need(ssl && SSL_set_fd(ssl, fd) == 1, "a connection");
  bool anonymous = SSL_is_server(ssl) && !is_named(name);
  need(SSL_set_cipher_list(ssl, anonymous ? "aNULL:@SECLEVEL=0" : "DEFAULT") == 1, "ciphers");
  show(ssl, name);
  return ssl;
}

// How a call of libssl went that did not succeed.
static int failed(void) {
  unsigned long error = ERR_peek_last_error();
  int reason = ERR_GET_REASON(error) - SSL_AD_REASON_OFFSET;
  if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason > 0)
    printf("alert %d\n", reason);
  else
    printf("failed: %s\n", ERR_reason_error_string(error));
  return 1;
}

// The second handshake: as a server, which asks for it, or as a client.
static int again(SSL *ssl, const char *second, SSL_SESSION *other) {
  char byte;
  bool abbreviated = other || strcmp(second, "=") == 0;
  need(SSL_read(ssl, &byte, 1) == 1, "a byte");
  if (other) need(SSL_set_session(ssl, other) == 1, "another session");
  if (!abbreviated) {
    SSL_set_options(ssl, SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION);
    need(SSL_set_cipher_list(ssl, is_named(second) || !SSL_is_server(ssl) ? "DEFAULT" : "aNULL:@SECLEVEL=0") == 1, "ciphers");
    show(ssl, second);
  }
  need((abbreviated ? SSL_renegotiate_abbreviated(ssl) : SSL_renegotiate(ssl)) == 1, "a renegotiation");
  if (SSL_do_handshake(ssl) != 1) return failed();
  if (SSL_is_server(ssl)) {
    // It has sent its request. The handshake is a part of reading, which comes back after it without AUTO_RETRY.
    SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
    if (SSL_get_error(ssl, SSL_peek(ssl, &byte, 1)) != SSL_ERROR_WANT_READ) return failed();
    SSL_set_mode(ssl, SSL_MODE_AUTO_RETRY);
  }
  if (SSL_write(ssl, "again\n", ANSWER) != ANSWER) return failed();
  // The other side answers what it takes.
  if (SSL_read(ssl, &byte, 1) != 1) return failed();
  puts("done");
  return 0;
}

static int reach(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  need(connect(fd, (struct sockaddr *)&address, sizeof address) == 0, "a server");
  return fd;
}

// The session of a connection of its own.
static SSL_SESSION *session_with(SSL_CTX *context, int port, const char *name) {
  char byte;
  SSL *ssl = connection(context, reach(port), name);
  need(SSL_connect(ssl) == 1 && SSL_read(ssl, &byte, 1) == 1, "a session");
  SSL_SESSION *session = SSL_get1_session(ssl);
  SSL_shutdown(ssl);
  return session;
}

static int act_as_client(int port, const char *first, const char *second) {
  SSL_CTX *ctx = context(false);
  SSL_SESSION *other = *second == '@' ? session_with(ctx, port, second + 1) : NULL;
  SSL *ssl = connection(ctx, reach(port), first);
  need(SSL_connect(ssl) == 1, "a handshake");
  return again(ssl, second, other);
}

static int act_as_server(const char *first, const char *second) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  need(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 1) == 0, "a port");
  need(getsockname(listener, (struct sockaddr *)&address, &size) == 0, "a port");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  SSL *ssl = connection(context(true), accept(listener, NULL, NULL), first);
  need(SSL_accept(ssl) == 1, "a handshake");
  return again(ssl, second, NULL);
}

int main(int argc, char **argv) {
  bool server = argc == 5 && strcmp(argv[2], "server") == 0;
  need(server || (argc == 6 && strcmp(argv[2], "client") == 0), "CERTS server FIRST SECOND, or CERTS client PORT FIRST SECOND");
  certs = argv[1];
  // Nobody waits for one whose test has ended.
  alarm(LIMIT);
  signal(SIGPIPE, SIG_IGN);
  return server ? act_as_server(argv[3], argv[4]) : act_as_client(atoi(argv[3]), argv[4], argv[5]);
}
