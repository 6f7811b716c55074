/* For libraries that join no pieces, and give what is to be sent only when asked. */
#include "bench.h"

ssize_t peer_gather(peer_conn *c, const void *p, size_t n, int count)
{
    for (int i = 0; i < count; i++)
        if (peer_write(c, p, n) != (ssize_t)n)
            return -1;
    return n * count;
}

size_t peer_mem_write(peer_conn *c, const void *p, size_t n, void *wire, size_t wire_size)
{
    write_all(c, p, n);
    return peer_mem_out(c, wire, wire_size);
}
