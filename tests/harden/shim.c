#define _GNU_SOURCE
#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SITE_TEXT(name) #name,
const char *const site_names[SITE_COUNT] = {SITES(SITE_TEXT)};

static __thread bool armed;
static __thread fault wanted;
static __thread calls counted;

void shim_arm(const fault *which) {
  wanted = which ? *which : (fault){SITE_COUNT, 0, 0, 0};
  armed = true;
}

void shim_disarm(void) { armed = false; }
void shim_reset(void) { counted = (calls){{0}, 0}; }
const calls *shim_calls(void) { return &counted; }

// What this call has to do: 0 nothing, SHORT, or fail with an error number.
static int due(site at) {
  if (!armed) return 0;
  unsigned number = ++counted.of[at];
  if (at != wanted.at || number < wanted.first || number - wanted.first >= wanted.count) return 0;
  counted.failed++;
  if (wanted.error != SHORT) errno = wanted.error;
  return wanted.error;
}

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

// A call that only fails.
#define SIMPLE(result, name, parameters, arguments) \
  result name parameters { \
    REAL(name); \
    return due(AT_##name) > 0 ? -1 : real arguments; \
  }

// A call that moves bytes.
#define MOVING(result, name, parameters, arguments) \
  result name parameters { \
    REAL(name); \
    int what = due(AT_##name); \
    if (what > 0) return -1; \
    if (what == SHORT && len > 1) len = 1; \
    return real arguments; \
  }

MOVING(ssize_t, recv, (int fd, void *data, size_t len, int flags), (fd, data, len, flags))
MOVING(ssize_t, send, (int fd, const void *data, size_t len, int flags), (fd, data, len, flags))
MOVING(ssize_t, read, (int fd, void *data, size_t len), (fd, data, len))
MOVING(ssize_t, write, (int fd, const void *data, size_t len), (fd, data, len))
MOVING(ssize_t, pread64, (int fd, void *data, size_t len, off64_t at), (fd, data, len, at))
SIMPLE(int, ppoll, (struct pollfd * fds, nfds_t count, const struct timespec *time, const sigset_t *mask),
       (fds, count, time, mask))
SIMPLE(int, connect, (int fd, const struct sockaddr *address, socklen_t len), (fd, address, len))
SIMPLE(int, accept4, (int fd, struct sockaddr *address, socklen_t *len, int flags), (fd, address, len, flags))
SIMPLE(int, getsockopt, (int fd, int level, int name, void *value, socklen_t *len), (fd, level, name, value, len))
SIMPLE(int, setsockopt, (int fd, int level, int name, const void *value, socklen_t len), (fd, level, name, value, len))
SIMPLE(int, getpeername, (int fd, struct sockaddr *address, socklen_t *len), (fd, address, len))
SIMPLE(int, getsockname, (int fd, struct sockaddr *address, socklen_t *len), (fd, address, len))
SIMPLE(int, socket, (int family, int kind, int protocol), (family, kind, protocol))
SIMPLE(int, bind, (int fd, const struct sockaddr *address, socklen_t len), (fd, address, len))
SIMPLE(int, listen, (int fd, int backlog), (fd, backlog))
SIMPLE(int, shutdown, (int fd, int how), (fd, how))
SIMPLE(off64_t, lseek64, (int fd, off64_t at, int whence), (fd, at, whence))
SIMPLE(int, fstat64, (int fd, struct stat64 *found), (fd, found))
SIMPLE(int, statx, (int folder, const char *path, int flags, unsigned mask, struct statx *found),
       (folder, path, flags, mask, found))

// What fails to close is closed, as on Linux.
int close(int fd) {
  REAL(close);
  int what = due(AT_close), result = real(fd);
  return what > 0 ? (errno = what, -1) : result;
}

int fcntl(int fd, int command, ...) {
  REAL(fcntl);
  va_list more;
  va_start(more, command);
  long argument = va_arg(more, long);
  va_end(more);
  return due(AT_fcntl) > 0 ? -1 : real(fd, command, argument);
}

int open64(const char *path, int flags, ...) {
  REAL(open64);
  va_list more;
  va_start(more, flags);
  mode_t mode = va_arg(more, mode_t);
  va_end(more);
  return due(AT_open64) > 0 ? -1 : real(path, flags, mode);
}

void *mmap64(void *at, size_t len, int access, int flags, int fd, off64_t offset) {
  REAL(mmap64);
  return due(AT_mmap64) > 0 ? MAP_FAILED : real(at, len, access, flags, fd, offset);
}

FILE *fopen64(const char *path, const char *mode) {
  REAL(fopen64);
  return due(AT_fopen64) > 0 ? NULL : real(path, mode);
}

size_t fread(void *data, size_t size, size_t count, FILE *file) {
  REAL(fread);
  return due(AT_fread) > 0 ? 0 : real(data, size, count, file);
}

char *fgets(char *text, int size, FILE *file) {
  REAL(fgets);
  return due(AT_fgets) > 0 ? NULL : real(text, size, file);
}
