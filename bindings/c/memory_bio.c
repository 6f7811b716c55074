// A client and a server do the handshake in memory, then exchange data. Usage: memory_bio CERT KEY CAFILE
#include <stdio.h>
#include <string.h>

#include <tlsock.h>

// WANT_READ means that it is the other side's turn.
static int turn(tlsock_status status) { return status == TLSOCK_WANT_READ ? 0 : (int)status; }

int main(int argc, char **argv) {
  tlsock_context *trust = NULL, *identity = NULL;
  tlsock_bio *up = NULL, *down = NULL;  // client to server, server to client
  tlsock_object *client = NULL, *server = NULL;
  tlsock_certificate *certificate = NULL;
  tlsock_error *error = NULL;
  char buffer[100];
  size_t len;

  if (argc != 4) return fprintf(stderr, "usage: memory_bio CERT KEY CAFILE\n"), 2;
  if (tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, argv[3], NULL, NULL, 0, &trust, &error) ||
      tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &identity, &error) ||
      tlsock_context_load_cert_chain(identity, argv[1], argv[2], NULL, &error) ||
      tlsock_bio_new(&up, &error) || tlsock_bio_new(&down, &error) ||
      tlsock_context_wrap_bio(trust, down, up, 0, "localhost", NULL, &client, &error) ||
      tlsock_context_wrap_bio(identity, up, down, TLSOCK_WRAP_SERVER_SIDE, NULL, NULL, &server, &error))
    goto done;

  while (!tlsock_object_version(client) || !tlsock_object_version(server))
    if (turn(tlsock_object_do_handshake(client, &error)) || turn(tlsock_object_do_handshake(server, &error)))
      goto done;

  if (tlsock_object_getpeercert(client, &certificate, &error) ||
      tlsock_object_write(client, "hello", 5, NULL, &error) ||
      tlsock_object_read(server, buffer, sizeof buffer, &len, &error))
    goto done;
  printf("%s with %s: %.*s\n", tlsock_object_version(client), tlsock_certificate_subject_text(certificate),
         (int)len, buffer);

done:
  if (error) fprintf(stderr, "%s\n", tlsock_error_message(error));
  int failed = error != NULL;
  tlsock_error_free(error);
  tlsock_certificate_free(certificate);
  tlsock_object_free(client);
  tlsock_object_free(server);
  tlsock_bio_free(up);
  tlsock_bio_free(down);
  tlsock_context_free(trust);
  tlsock_context_free(identity);
  return failed;
}
