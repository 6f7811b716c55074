/* In front of the C library, as the program has these names first: counts system calls that move bytes or wait, and allocations,
 * between count_start and count_stop. */
#define _GNU_SOURCE
#include "count.h"

#include <dlfcn.h>
#include <poll.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/uio.h>

static atomic_int on;
static atomic_long calls, allocations;

void count_start(void)
{
    atomic_store(&calls, 0);
    atomic_store(&allocations, 0);
    atomic_store(&on, 1);
}

struct counted count_stop(void)
{
    atomic_store(&on, 0);
    return (struct counted){atomic_load(&calls), atomic_load(&allocations)};
}

static void *next(void **slot, const char *name)
{
    if (!*slot)
        *slot = dlsym(RTLD_NEXT, name);
    return *slot;
}

#define NEXT(name) static void *slot; __typeof__(&name) real = next(&slot, #name)
#define COUNT(what) do { if (atomic_load_explicit(&on, memory_order_relaxed)) atomic_fetch_add(&what, 1); } while (0)

ssize_t send(int fd, const void *p, size_t n, int flags) { NEXT(send); COUNT(calls); return real(fd, p, n, flags); }
ssize_t recv(int fd, void *p, size_t n, int flags) { NEXT(recv); COUNT(calls); return real(fd, p, n, flags); }
ssize_t read(int fd, void *p, size_t n) { NEXT(read); COUNT(calls); return real(fd, p, n); }
ssize_t write(int fd, const void *p, size_t n) { NEXT(write); COUNT(calls); return real(fd, p, n); }
ssize_t sendmsg(int fd, const struct msghdr *m, int flags) { NEXT(sendmsg); COUNT(calls); return real(fd, m, flags); }
ssize_t recvmsg(int fd, struct msghdr *m, int flags) { NEXT(recvmsg); COUNT(calls); return real(fd, m, flags); }
ssize_t writev(int fd, const struct iovec *v, int n) { NEXT(writev); COUNT(calls); return real(fd, v, n); }
int poll(struct pollfd *p, nfds_t n, int timeout) { NEXT(poll); COUNT(calls); return real(p, n, timeout); }

ssize_t recvfrom(int fd, void *p, size_t n, int flags, struct sockaddr *a, socklen_t *l)
{
    NEXT(recvfrom);
    COUNT(calls);
    return real(fd, p, n, flags, a, l);
}

ssize_t sendto(int fd, const void *p, size_t n, int flags, const struct sockaddr *a, socklen_t l)
{
    NEXT(sendto);
    COUNT(calls);
    return real(fd, p, n, flags, a, l);
}

/* The C library's own names: dlsym itself allocates. */
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t n) { COUNT(allocations); return __libc_malloc(n); }
void *calloc(size_t k, size_t n) { COUNT(allocations); return __libc_calloc(k, n); }
void *realloc(void *p, size_t n) { COUNT(allocations); return __libc_realloc(p, n); }
void *aligned_alloc(size_t a, size_t n) { COUNT(allocations); return __libc_memalign(a, n); }

int posix_memalign(void **p, size_t a, size_t n)
{
    COUNT(allocations);
    *p = __libc_memalign(a, n);
    return *p ? 0 : 12;
}
