// A verified HTTPS client. Usage: client HOST [PORT]
#include <stdio.h>
#include <stdlib.h>

#include <tlsock.h>

int main(int argc, char **argv) {
  const char *host = argc > 1 ? argv[1] : "example.org";
  tlsock_context *context = NULL;
  tlsock_socket *socket = NULL;
  tlsock_error *error = NULL;
  char buffer[16384];
  size_t len;

  int size = snprintf(buffer, sizeof buffer, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", host);
  if (tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, NULL, 0, &context, &error) ||
      tlsock_context_create_connection(context, host, argc > 2 ? atoi(argv[2]) : 443, 10.0, &socket, &error) ||
      tlsock_socket_sendall(socket, buffer, (size_t)size, &error))
    goto done;
  while (!tlsock_socket_recv(socket, buffer, sizeof buffer, &len, &error) && len > 0) fwrite(buffer, 1, len, stdout);

done:
  if (error) fprintf(stderr, "%s: %s\n", host, tlsock_error_message(error));
  int failed = error != NULL;
  tlsock_error_free(error);
  tlsock_socket_free(socket);
  tlsock_context_free(context);
  return failed;
}
