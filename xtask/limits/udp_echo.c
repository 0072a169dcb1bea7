/* What one thread with 64 datagrams a call can send back.
     udp_echo PORT */
#define _GNU_SOURCE
#include "ends.h"

#define BATCH 64
#define LONGEST 2048

static struct mmsghdr batch[BATCH];
static struct iovec parts[BATCH];
static struct sockaddr_in from[BATCH];
static char bytes[BATCH][LONGEST];

int main(int count, char **words) {
    if (count != 2)
        return 2;
    int door = bound(words[1], SOCK_DGRAM);
    setsockopt(door, SOL_SOCKET, SO_RCVBUF, &(int){4 << 20}, sizeof(int));
    for (;;) {
        for (int which = 0; which < BATCH; which++) {
            parts[which] = (struct iovec){bytes[which], LONGEST};
            batch[which].msg_hdr = (struct msghdr){
                .msg_name = &from[which],
                .msg_namelen = sizeof from[which],
                .msg_iov = &parts[which],
                .msg_iovlen = 1,
            };
        }
        int came = must(recvmmsg(door, batch, BATCH, MSG_WAITFORONE, NULL), "recvmmsg");
        for (int which = 0; which < came; which++)
            parts[which].iov_len = batch[which].msg_len;
        for (int gone = 0; gone < came;)
            gone += must(sendmmsg(door, batch + gone, came - gone, 0), "sendmmsg");
    }
}
