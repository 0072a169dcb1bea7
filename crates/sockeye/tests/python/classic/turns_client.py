"""Clients as the courses teach them: one recv(1024) is taken for one message.

    turns_client.py PROGRAM PORT ENCODING MESSAGE...

What comes is printed, a line each. Messages come from the command line in place of input().
"""
import socket
import struct
import sys
import time

program, port, encoding = sys.argv[1], int(sys.argv[2]), sys.argv[3]
messages = sys.argv[4:]
here = ("127.0.0.1", port)
sys.stdout.reconfigure(encoding="utf-8")


def tell(data):
    print(data.decode(encoding), flush=True)


def tcp():
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.connect(here)
    return client


def greeting_chat():
    client = tcp()
    for message in messages:
        tell(client.recv(1024))
        client.send(message.encode(encoding))
        if message == "bye":
            break
    client.close()


def chat():
    client = tcp()
    for message in messages:
        client.send(message.encode(encoding))
        tell(client.recv(1024))
    client.close()


def queue_chat():
    for message in messages:
        client = tcp()
        client.send(message.encode(encoding))
        tell(client.recv(1024))
        client.close()


def until_close():
    client = tcp()
    for message in messages:
        client.send(message.encode(encoding))
    client.close()


def threaded():
    client = tcp()
    for message in messages:
        client.send(message.encode(encoding))
        if message == "q":
            break
        tell(client.recv(1024))
    client.close()


def udp_chat():
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for message in messages:
        client.sendto(message.encode(encoding), here)
        if message == "bye":
            break
        tell(client.recvfrom(1024)[0])
    client.close()


def udp_once():
    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    client.sendto(messages[0].encode(encoding), here)
    client.close()


def pieces():
    """One message in one-byte pieces with a pause between: each is a recv of its own."""
    client = tcp()
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in messages[0].encode(encoding):
        client.send(bytes([byte]))
        time.sleep(0.01)
    tell(client.recv(1024))
    client.close()


def reset():
    """Sends, and cuts the connection off: the close sends a RST."""
    client = tcp()
    client.send(messages[0].encode(encoding))
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def half_close():
    client = tcp()
    client.send(messages[0].encode(encoding))
    client.shutdown(socket.SHUT_WR)
    tell(client.recv(1024))
    client.close()


globals()[program]()
