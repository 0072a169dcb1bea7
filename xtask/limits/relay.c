/* What a relay by splice can move, one caller after the other: both ways, each through a pipe,
   each with its own end passed on. Waits by poll; no byte comes into this program.
     relay AT TO */
#define _GNU_SOURCE
#include "ends.h"
#include <poll.h>
#include <signal.h>

#define ROOM (1024 * 1024)

struct way {
    int from, to, in, out; /* sockets, and the pipe between them */
    size_t held;
    int ended;
};

static struct way opened(int from, int to) {
    int middle[2];
    must(pipe2(middle, O_NONBLOCK), "pipe");
    fcntl(middle[1], F_SETPIPE_SZ, ROOM);
    return (struct way){from, to, middle[1], middle[0], 0, 0};
}

/* Moves what can be moved now; false once this way has ended. */
static int moved(struct way *way) {
    if (way->held == 0 && !way->ended) {
        ssize_t came = splice(way->from, NULL, way->in, NULL, ROOM, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (came == 0 || (came < 0 && errno != EAGAIN)) {
            way->ended = 1;
            shutdown(way->to, SHUT_WR);
        } else if (came > 0) {
            way->held = came;
        }
    }
    if (way->held > 0) {
        ssize_t gone = splice(way->out, NULL, way->to, NULL, way->held, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (gone < 0 && errno != EAGAIN)
            return 0;
        way->held -= gone > 0 ? gone : 0;
    }
    return !way->ended;
}

int main(int count, char **words) {
    if (count != 3)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    int door = bound(words[1], SOCK_STREAM);
    for (;;) {
        int here = must(accept4(door, NULL, NULL, SOCK_NONBLOCK), "accept");
        int there = dial(words[2]);
        fcntl(there, F_SETFL, O_NONBLOCK);
        struct way ways[2] = {opened(here, there), opened(there, here)};
        int live = 3;
        while (live) {
            struct pollfd waits[2] = {{here, 0, 0}, {there, 0, 0}};
            for (int which = 0; which < 2; which++)
                if (ways[which].held > 0)
                    waits[1 - which].events |= POLLOUT;
                else if (!ways[which].ended)
                    waits[which].events |= POLLIN;
            must(poll(waits, 2, -1), "poll");
            for (int which = 0; which < 2; which++)
                if ((live & (1 << which)) && !moved(&ways[which]))
                    live &= ~(1 << which);
        }
        int all[] = {here, there, ways[0].in, ways[0].out, ways[1].in, ways[1].out};
        for (int each = 0; each < 6; each++)
            close(all[each]);
    }
}
