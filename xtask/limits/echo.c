/* What one thread on epoll can answer: every byte is sent back, nothing else is done.
     echo AT */
#define _GNU_SOURCE
#include "ends.h"
#include <signal.h>
#include <sys/epoll.h>

static char buffer[PIECE];

static void enter(int door, int waits) {
    int called;
    while ((called = accept4(door, NULL, NULL, 0)) >= 0) {
        setsockopt(called, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        struct epoll_event event = {.events = EPOLLIN, .data.fd = called};
        must(epoll_ctl(waits, EPOLL_CTL_ADD, called, &event), "epoll_ctl");
    }
}

int main(int count, char **words) {
    if (count != 2)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    int door = bound(words[1], SOCK_STREAM);
    fcntl(door, F_SETFL, O_NONBLOCK);
    int waits = must(epoll_create1(0), "epoll_create1");
    struct epoll_event event = {.events = EPOLLIN, .data.fd = door};
    must(epoll_ctl(waits, EPOLL_CTL_ADD, door, &event), "epoll_ctl");
    struct epoll_event ready[256];
    for (;;) {
        int number = must(epoll_wait(waits, ready, 256, -1), "epoll_wait");
        for (int which = 0; which < number; which++) {
            int who = ready[which].data.fd;
            if (who == door) {
                enter(door, waits);
                continue;
            }
            ssize_t came = recv(who, buffer, PIECE, 0);
            if (came <= 0 || send(who, buffer, came, 0) < 0)
                close(who);
        }
    }
}
