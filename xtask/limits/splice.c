/* What the kernel can move by itself: no byte comes into this program.
     splice send AT        stdin (a file by sendfile, a pipe by splice) to a connection
     splice receive AT     one caller's bytes to stdout by splice; their number to stderr */
#define _GNU_SOURCE
#include "ends.h"
#include <sys/sendfile.h>
#include <sys/stat.h>

/* At most what a pipe may hold without a privilege (/proc/sys/fs/pipe-max-size). */
#define ROOM (1024 * 1024)

static void send_stdin(int to) {
    struct stat kind;
    must(fstat(0, &kind), "fstat");
    ssize_t moved;
    do {
        if (S_ISREG(kind.st_mode))
            moved = must(sendfile(to, 0, NULL, 1 << 30), "sendfile");
        else
            moved = must(splice(0, NULL, to, NULL, ROOM, SPLICE_F_MOVE | SPLICE_F_MORE), "splice");
    } while (moved > 0);
}

static uint64_t receive(int from) {
    int middle[2];
    must(pipe(middle), "pipe");
    fcntl(middle[1], F_SETPIPE_SZ, ROOM);
    uint64_t total = 0;
    ssize_t came;
    while ((came = must(splice(from, NULL, middle[1], NULL, ROOM, SPLICE_F_MOVE), "splice")) > 0) {
        total += came;
        while (came > 0)
            came -= must(splice(middle[0], NULL, 1, NULL, came, SPLICE_F_MOVE), "splice");
    }
    return total;
}

int main(int count, char **words) {
    if (count == 3 && !strcmp(words[1], "send")) {
        send_stdin(dial(words[2]));
    } else if (count == 3 && !strcmp(words[1], "receive")) {
        int called = must(accept(bound(words[2], SOCK_STREAM), NULL, NULL), "accept");
        fprintf(stderr, "%llu bytes\n", (unsigned long long)receive(called));
    } else {
        fprintf(stderr, "usage: splice send AT | receive AT\n");
        return 2;
    }
    return 0;
}
