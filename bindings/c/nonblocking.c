// A client in a poll loop. Usage: nonblocking ADDRESS PORT NAME
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <tlsock.h>

// A real program would poll other descriptors too.
static void wait_for(tlsock_socket *socket, tlsock_status want) {
  struct pollfd poll_fd = {tlsock_socket_fileno(socket), want == TLSOCK_WANT_WRITE ? POLLOUT : POLLIN, 0};
  poll(&poll_fd, 1, 10000);
}

int main(int argc, char **argv) {
  const char request[] = "GET / HTTP/1.0\r\n\r\n";
  enum { HANDSHAKE, SEND, RECEIVE, FINISHED } step = HANDSHAKE;
  struct sockaddr_in peer = {0};
  tlsock_context *context = NULL;
  tlsock_socket *connection = NULL;
  tlsock_error *error = NULL;
  tlsock_status status;
  char buffer[16384];
  size_t len;
  int os_errno;

  if (argc != 4) return fprintf(stderr, "usage: nonblocking ADDRESS PORT NAME\n"), 2;
  peer.sin_family = AF_INET;
  peer.sin_port = htons((unsigned short)atoi(argv[2]));
  if (inet_pton(AF_INET, argv[1], &peer.sin_addr) != 1) return fprintf(stderr, "bad address\n"), 2;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (tlsock_create_default_context(TLSOCK_PURPOSE_SERVER_AUTH, NULL, NULL, NULL, 0, &context, &error) ||
      tlsock_context_wrap_socket(context, fd, TLSOCK_WRAP_NO_HANDSHAKE, argv[3], NULL, &connection, &error) ||
      tlsock_socket_setblocking(connection, false, &error) ||
      tlsock_socket_connect_ex_address(connection, &peer, sizeof peer, &os_errno, &error))
    goto done;
  if (os_errno != 0 && os_errno != EINPROGRESS) {
    fprintf(stderr, "%s\n", strerror(os_errno));
    goto done;
  }
  if (os_errno == EINPROGRESS) wait_for(connection, TLSOCK_WANT_WRITE);

  while (step != FINISHED) {
    if (step == HANDSHAKE)
      status = tlsock_socket_do_handshake(connection, &error);
    else if (step == SEND)
      status = tlsock_socket_send(connection, request, sizeof request - 1, NULL, &error);
    else
      status = tlsock_socket_recv(connection, buffer, sizeof buffer, &len, &error);

    if (status == TLSOCK_WANT_READ || status == TLSOCK_WANT_WRITE)
      wait_for(connection, status);
    else if (status)
      break;
    else if (step != RECEIVE)
      step++;
    else if (len > 0)
      fwrite(buffer, 1, len, stdout);
    else
      step = FINISHED;
  }

done:
  if (error) fprintf(stderr, "%s\n", tlsock_error_message(error));
  if (!connection && fd >= 0) close(fd);  // wrapping takes the descriptor only when it succeeds
  tlsock_error_free(error);
  tlsock_socket_free(connection);
  tlsock_context_free(context);
  return step != FINISHED;
}
