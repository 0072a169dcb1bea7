/* What one thread can send of numbered datagrams of 64 bytes.
     udp_send plain PORT SECONDS       64 a sendmmsg
     udp_send segments PORT SECONDS    8 a sendmmsg, each cut in 64 by the kernel (UDP_SEGMENT)
     udp_send numbers SECONDS          the same bytes to stdout, for a sender that reads them there */
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

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static void flood(const char *at, double seconds, int messages, int segments) {
    struct sockaddr_storage address;
    socklen_t length = place(at, &address);
    int to = must(socket(AF_INET, SOCK_DGRAM, 0), "socket");
    must(connect(to, (struct sockaddr *)&address, length), "connect");
    if (segments > 1)
        must(setsockopt(to, SOL_UDP, UDP_SEGMENT, &(int){SIZE}, sizeof(int)), "UDP_SEGMENT");
    uint64_t number = 0;
    for (double end = now() + seconds; now() < end;) {
        for (int which = 0; which < messages; which++) {
            for (int each = 0; each < segments; each++, number++)
                memcpy(bytes[which] + each * SIZE, &number, sizeof number);
            parts[which] = (struct iovec){bytes[which], (size_t)segments * SIZE};
            batch[which].msg_hdr = (struct msghdr){.msg_iov = &parts[which], .msg_iovlen = 1};
        }
        for (int gone = 0; gone < messages;)
            gone += must(sendmmsg(to, batch + gone, messages - gone, 0), "sendmmsg");
    }
    fprintf(stderr, "%llu sent\n", (unsigned long long)number);
}

static void numbers(double seconds) {
    uint64_t number = 0;
    for (double end = now() + seconds; now() < end;) {
        for (int each = 0; each < BATCH; each++, number++)
            memcpy(bytes[0] + each * SIZE, &number, sizeof number);
        whole(1, bytes[0], BATCH * SIZE);
    }
}

int main(int count, char **words) {
    if (count == 4 && !strcmp(words[1], "plain"))
        flood(words[2], atof(words[3]), BATCH, 1);
    else if (count == 4 && !strcmp(words[1], "segments"))
        flood(words[2], atof(words[3]), 8, 64);
    else if (count == 3 && !strcmp(words[1], "numbers"))
        numbers(atof(words[2]));
    else
        return 2;
    return 0;
}
