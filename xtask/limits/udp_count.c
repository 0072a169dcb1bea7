/* What one thread can count of numbered datagrams of 64 bytes: 64 a recvmmsg, joined by the kernel
   where it can (UDP_GRO). Ends when nothing has come for half a second.
     udp_count PORT */
#define _GNU_SOURCE
#include "ends.h"
#include <netinet/udp.h>
#include <time.h>

#define SIZE 64
#define BATCH 64
#define LONGEST 65536

static struct mmsghdr batch[BATCH];
static struct iovec parts[BATCH];
static char bytes[BATCH][LONGEST];
static char notes[BATCH][CMSG_SPACE(sizeof(int))];

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static void receive(const char *at) {
    int door = bound(at, SOCK_DGRAM);
    must(setsockopt(door, SOL_UDP, UDP_GRO, &(int){1}, sizeof(int)), "UDP_GRO");
    setsockopt(door, SOL_SOCKET, SO_RCVBUF, &(int){4 << 20}, sizeof(int));
    struct timeval silence = {0, 500000};
    uint64_t received = 0, reordered = 0, next = 0;
    double first = 0, last = 0;
    for (;;) {
        for (int which = 0; which < BATCH; which++) {
            parts[which] = (struct iovec){bytes[which], LONGEST};
            batch[which].msg_hdr = (struct msghdr){.msg_iov = &parts[which], .msg_iovlen = 1};
            batch[which].msg_hdr.msg_control = notes[which];
            batch[which].msg_hdr.msg_controllen = sizeof notes[which];
        }
        int came = recvmmsg(door, batch, BATCH, MSG_WAITFORONE, NULL);
        if (came < 0)
            break;
        last = now();
        if (first == 0) {
            first = last;
            setsockopt(door, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
        }
        for (int which = 0; which < came; which++)
            for (unsigned each = 0; each + SIZE <= batch[which].msg_len; each += SIZE, received++) {
                uint64_t number;
                memcpy(&number, bytes[which] + each, sizeof number);
                reordered += number < next;
                next = number >= next ? number + 1 : next;
            }
    }
    printf("%llu received, %llu missing, %llu late, %.6f seconds\n", (unsigned long long)received,
           (unsigned long long)(next - received), (unsigned long long)reordered, last - first);
}

int main(int count, char **words) {
    if (count != 2)
        return 2;
    receive(words[1]);
    return 0;
}
