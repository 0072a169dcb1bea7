/* The two ends of a connection on this machine: a number is a TCP port of 127.0.0.1, anything
   else the path of a Unix socket. What fails ends the program, with its name. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PIECE (128 * 1024)

static inline long must(long result, const char *what) {
    if (result < 0) {
        perror(what);
        exit(1);
    }
    return result;
}

static inline socklen_t place(const char *at, struct sockaddr_storage *address) {
    memset(address, 0, sizeof *address);
    char *end;
    long port = strtol(at, &end, 10);
    if (*end == 0) {
        struct sockaddr_in *in = (struct sockaddr_in *)address;
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return sizeof *in;
    }
    struct sockaddr_un *un = (struct sockaddr_un *)address;
    un->sun_family = AF_UNIX;
    strncpy(un->sun_path, at, sizeof un->sun_path - 1);
    return sizeof *un;
}

static inline int dial(const char *at) {
    struct sockaddr_storage address;
    socklen_t length = place(at, &address);
    int one = must(socket(address.ss_family, SOCK_STREAM, 0), "socket");
    must(connect(one, (struct sockaddr *)&address, length), "connect");
    return one;
}

static inline int bound(const char *at, int type) {
    struct sockaddr_storage address;
    socklen_t length = place(at, &address);
    int one = must(socket(address.ss_family, type, 0), "socket");
    if (address.ss_family == AF_INET)
        must(setsockopt(one, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)), "SO_REUSEADDR");
    must(bind(one, (struct sockaddr *)&address, length), "bind");
    if (type == SOCK_STREAM)
        must(listen(one, 4096), "listen");
    return one;
}

static inline void whole(int to, const char *from, size_t length) {
    while (length > 0) {
        ssize_t taken = must(write(to, from, length), "write");
        from += taken;
        length -= taken;
    }
}
