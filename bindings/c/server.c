// A small web server, one thread a connection. Usage: server CERT KEY [PORT]
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <tlsock.h>

static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nHello over TLS\n";

// Handshakes cost time and memory before the peer is known: their number is limited, and other peers wait in the backlog.
static int free_handshakes = 100;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;

static void begin_handshake(void) {
  pthread_mutex_lock(&lock);
  while (free_handshakes == 0) pthread_cond_wait(&freed, &lock);
  free_handshakes--;
  pthread_mutex_unlock(&lock);
}

static void end_handshake(void) {
  pthread_mutex_lock(&lock);
  free_handshakes++;
  pthread_cond_signal(&freed);
  pthread_mutex_unlock(&lock);
}

static void *serve(void *arg) {
  tlsock_socket *socket = arg;
  tlsock_error *error = NULL;
  char request[16384];
  size_t len;

  // The handshake has its own deadline: otherwise a silent peer would keep its place.
  if (!tlsock_socket_settimeout(socket, 10.0, &error)) tlsock_socket_do_handshake(socket, &error);
  end_handshake();
  // Every failure sets error: the first one ends the conversation.
  if (!error && !tlsock_socket_settimeout(socket, 30.0, &error) &&
      !tlsock_socket_recv(socket, request, sizeof request, &len, &error) &&
      !tlsock_socket_sendall(socket, answer, sizeof answer - 1, &error))
    tlsock_socket_close_write(socket, &error);
  // Reads to the peer's end before closing: after an early close the peer might lose the answer.
  while (!error && !tlsock_socket_recv(socket, request, sizeof request, &len, NULL) && len > 0) {
  }
  if (error) fprintf(stderr, "%s\n", tlsock_error_message(error));
  tlsock_error_free(error);
  tlsock_socket_free(socket);
  return NULL;
}

int main(int argc, char **argv) {
  tlsock_context *context = NULL;
  tlsock_socket *listener = NULL, *socket;
  tlsock_error *error = NULL;
  tlsock_address address;

  if (argc < 3) return fprintf(stderr, "usage: server CERT KEY [PORT]\n"), 2;
  if (tlsock_create_default_context(TLSOCK_PURPOSE_CLIENT_AUTH, NULL, NULL, NULL, 0, &context, &error) ||
      tlsock_context_load_cert_chain(context, argv[1], argv[2], NULL, &error) ||
      tlsock_context_create_server(context, NULL, argc > 3 ? atoi(argv[3]) : 0, 0, TLSOCK_WRAP_NO_HANDSHAKE, &listener,
                                   &error) ||
      tlsock_socket_getsockname(listener, &address, &error))
    goto done;
  printf("listening on port %d\n", address.port);
  fflush(stdout);
  // accept does no handshake here, so that a silent peer blocks only its own thread.
  while (!tlsock_socket_accept(listener, &socket, NULL, &error)) {
    pthread_t thread;
    begin_handshake();
    if (pthread_create(&thread, NULL, serve, socket) == 0) {
      pthread_detach(thread);
    } else {
      end_handshake();
      tlsock_socket_free(socket);
    }
  }

done:
  fprintf(stderr, "%s\n", tlsock_error_message(error));
  tlsock_error_free(error);
  tlsock_socket_free(listener);
  tlsock_context_free(context);
  return 1;
}
