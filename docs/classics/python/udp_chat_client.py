"""udp-chat, the client: python3 udp_chat_client.py HOST PORT

A datagram out, a datagram in. After its `bye`, or the end of stdin, it leaves.
"""
import socket
import sys


def text_of(data):
    """UTF-8, and where that fails GBK."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("gbk", errors="replace")


with socket.socket(type=socket.SOCK_DGRAM) as client:
    # Connected: only this server's datagrams come in, and its absence is told.
    client.connect((sys.argv[1], int(sys.argv[2])))
    client.settimeout(60)  # a datagram may be lost, and nobody sends it again
    text = ""
    while text != "bye":
        try:
            text = input()
        except EOFError:
            text = "bye"
        client.send(text.encode())
        if text != "bye":
            print(text_of(client.recv(65535)))
