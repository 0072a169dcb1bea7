"""udp-once, the asking side: python3 udp_once_client.py HOST PORT [ENCODING]

One typed line out as a datagram, one answer in.
"""
import socket
import sys

encoding = sys.argv[3] if len(sys.argv) > 3 else "utf-8"

with socket.socket(type=socket.SOCK_DGRAM) as client:
    client.settimeout(10)
    client.sendto(input().encode(encoding), (sys.argv[1], int(sys.argv[2])))
    try:
        data, address = client.recvfrom(65535)
    except TimeoutError:
        sys.exit("no answer within 10 s: the datagram, or its answer, may be lost")
print(data.decode(encoding, errors="replace"), address)
