"""udp-chat, the server: python3 udp_chat_server.py HOST PORT

Each datagram is answered by one typed line, sent to where it came from. After `bye` the
client has left: there is nobody to answer.
"""
import socket
import sys


def text_of(data):
    """UTF-8, and where that fails GBK."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("gbk", errors="replace")


with socket.socket(type=socket.SOCK_DGRAM) as server:
    server.bind((sys.argv[1], int(sys.argv[2])))
    print("listening on {}:{}".format(*server.getsockname()), file=sys.stderr)
    while True:
        data, address = server.recvfrom(65535)  # what a smaller buffer cuts off is lost
        text = text_of(data)
        print(text)
        print("from", address, file=sys.stderr)
        if text != "bye":
            server.sendto(input().encode(), address)
