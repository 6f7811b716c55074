// Shows what tlsock does: a verified conversation over TLS 1.3, the same with a resumed session, and three servers that
// are refused, with the facts in each error. Usage: demo CERTIFICATES (made by tests/certs/make.sh)
//
// The exit status is 0 if everything went as expected, including the refusals.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <tlsock.h>

enum { ROUNDS = 8, BLOCK = 16384 };

static const char *certificates;
static char file_name[2][512];

static const char *file(int slot, const char *name, const char *ending) {
  snprintf(file_name[slot], sizeof file_name[slot], "%s/%s%s", certificates, name, ending);
  return file_name[slot];
}

static void line(const char *label, const char *text) { printf("  %-12s %s\n", label, text); }

// Prints an unexpected error and frees it.
static int broken(const char *what, tlsock_error *error) {
  printf("  FAILED: %s: %s\n", what, tlsock_error_message(error));
  tlsock_error_free(error);
  return 1;
}

// ---- the server: an echo, in a thread of its own ----

typedef struct server {
  tlsock_context *context;
  tlsock_socket *listener;
  int port, visits;
  char said[200];  // its error for the last peer that failed
  pthread_t thread;
} server;

static void echo(tlsock_socket *peer, tlsock_error **error) {
  char buffer[BLOCK];
  size_t len;
  if (tlsock_socket_settimeout(peer, 10.0, error) || tlsock_socket_do_handshake(peer, error)) return;
  while (!tlsock_socket_recv(peer, buffer, sizeof buffer, &len, error) && len > 0)
    if (tlsock_socket_sendall(peer, buffer, len, error)) return;
  if (!*error) tlsock_socket_unwrap(peer, NULL, error);
}

static void *serve(void *arg) {
  server *one = arg;
  for (int visit = 0; visit < one->visits; visit++) {
    tlsock_socket *peer = NULL;
    tlsock_error *error = NULL;
    if (!tlsock_socket_accept(one->listener, &peer, NULL, &error)) echo(peer, &error);
    if (error) snprintf(one->said, sizeof one->said, "%s", tlsock_error_message(error));
    tlsock_error_free(error);
    tlsock_socket_free(peer);
  }
  return NULL;
}

static int start(server *one, const char *certificate, int visits) {
  const char *const protocols[] = {"echo/1"};
  tlsock_address address;
  tlsock_error *error = NULL;
  memset(one, 0, sizeof *one);
  one->visits = visits;
  // Without NO_HANDSHAKE, accept would do the handshake of one peer while others wait.
  if (tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &one->context, &error) ||
      tlsock_context_load_cert_chain(one->context, file(0, certificate, ".pem"), file(1, certificate, ".key"), NULL,
                                     &error) ||
      tlsock_context_set_minimum_version(one->context, TLSOCK_TLS_VERSION_TLSV1_3, &error) ||
      tlsock_context_set_alpn_protocols(one->context, protocols, 1, &error) ||
      tlsock_context_create_server(one->context, "127.0.0.1", 0, 0, TLSOCK_WRAP_NO_HANDSHAKE, &one->listener,
                                   &error) ||
      tlsock_socket_getsockname(one->listener, &address, &error))
    return broken("starting a server", error);
  one->port = address.port;
  return pthread_create(&one->thread, NULL, serve, one);
}

static void stop(server *one) {
  if (one->thread) pthread_join(one->thread, NULL);
  tlsock_socket_free(one->listener);
  tlsock_context_free(one->context);
}

// ---- the client ----

// Connects to a port of this machine and asks for a server of this name.
static tlsock_status visit(tlsock_context *context, int port, const char *name, const tlsock_session *session,
                           tlsock_socket **connection, tlsock_error **error) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  tlsock_status status = tlsock_context_wrap_socket(context, fd, 0, name, session, connection, error);
  if (status) {
    close(fd);
    return status;
  }
  if ((status = tlsock_socket_settimeout(*connection, 10.0, error))) return status;
  return tlsock_socket_connect(*connection, "127.0.0.1", port, error);
}

// Sends blocks and compares what comes back. Returns the bytes that came.
static size_t exchange(tlsock_socket *connection, tlsock_error **error) {
  char sent[BLOCK], back[BLOCK];
  size_t total = 0, len;
  for (int round = 0; round < ROUNDS; round++) {
    memset(sent, 'a' + round, sizeof sent);
    if (tlsock_socket_sendall(connection, sent, sizeof sent, error)) return total;
    for (size_t got = 0; got < sizeof back; got += len, total += len)
      if (tlsock_socket_recv(connection, back + got, sizeof back - got, &len, error) || len == 0) return total;
    if (memcmp(sent, back, sizeof sent) != 0) return 0;
  }
  return total;
}

static void show_names(const tlsock_certificate *certificate) {
  char text[400] = "";
  tlsock_alt_name name;
  for (size_t i = 0; tlsock_certificate_subject_alt_name_at(certificate, i, &name); i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s (%s)", i ? ", " : "", name.value.data, name.type);
  line("names", text);
}

static void show_validity(const tlsock_certificate *certificate) {
  char text[200];
  int64_t days = (tlsock_certificate_not_after_time(certificate) - (int64_t)time(NULL)) / 86400;
  snprintf(text, sizeof text, "%s", tlsock_certificate_not_before(certificate));
  line("valid from", text);
  snprintf(text, sizeof text, "%s, %lld days %s", tlsock_certificate_not_after(certificate),
           (long long)(days < 0 ? -days : days), days < 0 ? "ago" : "left");
  line("until", text);
}

static void show_chain(const tlsock_socket *connection) {
  char text[600] = "";
  tlsock_certificate_list *chain = NULL;
  if (tlsock_socket_get_verified_chain(connection, &chain, NULL)) return;
  for (size_t i = 1; i < tlsock_certificate_list_count(chain); i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 1 ? ", signed by " : "",
             tlsock_certificate_subject_text(tlsock_certificate_list_at(chain, i)));
  if (*text) line("signed by", text);
  tlsock_certificate_list_free(chain);
}

static int show_connection(tlsock_socket *connection, int expect_resumed) {
  char text[200];
  tlsock_certificate *certificate = NULL;
  tlsock_cipher cipher = {NULL, NULL, 0};
  tlsock_error *error = NULL;
  const char *alpn = tlsock_socket_selected_alpn_protocol(connection);
  int resumed = tlsock_socket_session_reused(connection);

  if (tlsock_socket_getpeercert(connection, &certificate, &error)) return broken("the certificate", error);
  if (!certificate || !tlsock_certificate_verified(certificate)) return broken("nobody was verified", NULL);
  snprintf(text, sizeof text, "%s, proved by %s", tlsock_socket_server_hostname(connection),
           tlsock_certificate_subject_text(certificate));
  line("server", text);
  if (!expect_resumed) {
    show_names(certificate);
    show_validity(certificate);
    show_chain(connection);
  }
  tlsock_socket_cipher(connection, &cipher);
  line("protocol", tlsock_socket_version(connection));
  snprintf(text, sizeof text, "%s, %d bits", cipher.name, cipher.secret_bits);
  line("cipher", text);
  line("group", tlsock_socket_group(connection));
  line("ALPN", alpn ? alpn : "none");
  line("session", resumed ? "resumed: no certificate had to be sent or checked" : "new");
  tlsock_certificate_free(certificate);
  return resumed != expect_resumed || !alpn || strcmp(tlsock_socket_version(connection), "TLSv1.3") != 0;
}

// One conversation. Resumes *session if there is one, and replaces it by its own.
static int talk(tlsock_context *context, int port, tlsock_session **session) {
  tlsock_socket *connection = NULL;
  tlsock_error *error = NULL;
  char text[100];
  int failed = 1, resuming = *session != NULL;
  size_t total = 0;

  if (!visit(context, port, "localhost", *session, &connection, &error)) {
    failed = show_connection(connection, resuming);
    total = exchange(connection, &error);
    snprintf(text, sizeof text, "%zu bytes sent, %zu came back%s", (size_t)ROUNDS * BLOCK, total,
             total == (size_t)ROUNDS * BLOCK ? ", the same" : "");
    line("data", text);
    tlsock_session_free(*session);
    *session = NULL;
    // The peer's answer to unwrap proves that nothing was cut off.
    if (!error && !tlsock_socket_session(connection, session, &error)) tlsock_socket_unwrap(connection, NULL, &error);
  }
  tlsock_socket_free(connection);
  if (error) return broken("the conversation", error);
  return failed || total != (size_t)ROUNDS * BLOCK;
}

static int conversation(tlsock_context *context) {
  server one;
  tlsock_session *session = NULL;
  int failed = start(&one, "ecdsa", 2);
  if (!failed) {
    printf("\nA verified conversation with a server on port %d\n", one.port);
    failed = talk(context, one.port, &session);
    printf("\nOnce more, with the session of the first\n");
    failed |= talk(context, one.port, &session);
  }
  tlsock_session_free(session);
  stop(&one);
  return failed;
}

// ---- what is refused ----

static const char *alert_name(int alert) {
  switch (alert) {
  case TLSOCK_ALERT_DESCRIPTION_BAD_CERTIFICATE: return "bad certificate";
  case TLSOCK_ALERT_DESCRIPTION_CERTIFICATE_EXPIRED: return "certificate expired";
  case TLSOCK_ALERT_DESCRIPTION_UNKNOWN_CA: return "unknown CA";
  default: return "other";
  }
}

// One sentence for a person, made of the parts of the error.
static void explain(const tlsock_error *error, char *text, size_t size) {
  const tlsock_certificate *certificate = tlsock_error_certificate(error);
  switch (tlsock_error_verify_code(error)) {
  case 10:
    snprintf(text, size, "its certificate expired on %s", tlsock_certificate_not_after(certificate));
    return;
  case 62:
    snprintf(text, size, "it is not %s, it can only prove to be", tlsock_error_expected_name(error));
    for (size_t i = 0; i < tlsock_error_offered_name_count(error); i++)
      snprintf(text + strlen(text), size - strlen(text), "%s %s", i ? "," : "",
               tlsock_error_offered_name_at(error, i).data);
    return;
  case 20:
    snprintf(text, size, "it was vouched for by %s, which is not trusted here",
             tlsock_certificate_issuer_text(certificate));
    return;
  default:
    snprintf(text, size, "%s", tlsock_error_message(error));
  }
}

static void show_refusal(const tlsock_error *error) {
  char text[400];
  explain(error, text, sizeof text);
  line("refused", text);
  snprintf(text, sizeof text, "%s (verify code %d)", tlsock_error_verify_message(error),
           tlsock_error_verify_code(error));
  line("OpenSSL", text);
  snprintf(text, sizeof text, "%s, number %d of the chain",
           tlsock_certificate_subject_text(tlsock_error_certificate(error)), tlsock_error_depth(error));
  line("certificate", text);
  snprintf(text, sizeof text, "%d, %s", tlsock_error_alert_sent(error), alert_name(tlsock_error_alert_sent(error)));
  line("alert sent", text);
}

// A client that asks for name and trusts ca refuses a server with this certificate, for this reason.
static int refusal(const char *title, const char *certificate, const char *name, const char *ca, int verify_code) {
  server one;
  tlsock_context *context = NULL;
  tlsock_socket *connection = NULL;
  tlsock_error *error = NULL;
  tlsock_status status;
  int failed = 1;

  printf("\n%s\n", title);
  if (tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, file(0, ca, ".pem"), NULL, NULL, 0, &context, &error))
    return broken("making a context", error);
  if (!start(&one, certificate, 1)) {
    status = visit(context, one.port, name, NULL, &connection, &error);
    if (status == TLSOCK_CERT_VERIFICATION) show_refusal(error);
    failed = status != TLSOCK_CERT_VERIFICATION || tlsock_error_verify_code(error) != verify_code;
    if (failed) printf("  FAILED: %s\n", error ? tlsock_error_message(error) : "this was not refused");
  }
  tlsock_error_free(error);
  tlsock_socket_free(connection);
  tlsock_context_free(context);
  stop(&one);
  if (*one.said) line("server read", one.said);
  return failed || !*one.said;
}

int main(int argc, char **argv) {
  const char *const protocols[] = {"echo/1"};
  tlsock_context *context = NULL;
  tlsock_error *error = NULL;
  int failed;

  if (argc != 2) return fprintf(stderr, "usage: demo CERTIFICATES\n"), 2;
  certificates = argv[1];
  printf("tlsock %s over %s\n", tlsock_version(), tlsock_openssl_version());
  // The default is safe: this is all that is needed for certificates and host names to be checked.
  if (tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, file(0, "ca", ".pem"), NULL, NULL, 0, &context,
                                    &error) ||
      tlsock_context_set_alpn_protocols(context, protocols, 1, &error))
    return broken("making a context", error);

  failed = conversation(context);
  failed |= refusal("A server of another name", "ecdsa", "bank.example", "ca", 62);
  failed |= refusal("A server whose certificate has expired", "expired", "localhost", "ca", 10);
  failed |= refusal("A server signed by an unknown CA", "rsa", "localhost", "unknown-ca", 20);
  tlsock_context_free(context);
  printf("\n%s\n", failed ? "Something did NOT come out as it should." : "All of this came out as it should.");
  return failed;
}
