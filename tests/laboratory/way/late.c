/* Loaded into the program: it looks at a connection a while after it was made, as on a machine with much to do.
   What the other side did meanwhile is then seen where the connection is made, and not by chance only. */

#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    int made = (int)syscall(SYS_connect, fd, address, length);
    int error = errno;
    if (address->sa_family == AF_INET)
        usleep(300 * 1000);
    errno = error;
    return made;
}
