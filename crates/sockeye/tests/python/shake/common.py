"""What the programs here have in common. Each reads messages in a broken way and in a mended
one (`--mended`): two generators that take a connection and give an answer for each message.

    NAME.py server [PORT]   listens, prints its port, sends each answer back
    NAME.py client PORT     calls, says `go`, prints each answer as a line
"""

import socket
import sys
import threading


def main(broken, mended):
    words = [word for word in sys.argv[1:] if word != "--mended"]
    answers = mended if "--mended" in sys.argv else broken
    if words[0] == "client":
        return call(answers, int(words[1]))
    port = int(words[1]) if len(words) > 1 else 0
    listener = socket.create_server(("127.0.0.1", port), backlog=128)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=attend, args=(answers, connection), daemon=True).start()


def attend(answers, connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        try:
            for answer in answers(connection):
                connection.sendall(answer)
        except (OSError, EOFError):
            pass


def call(answers, port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"go\n")
        try:
            for answer in answers(connection):
                print(answer, flush=True)
        except EOFError:
            print("cut short")


def exactly(connection, count):
    """The cure for half of all that is here: one recv may return less than was asked for."""
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def lines(connection, limit=65536):
    """Whole lines, however they come, without their ends."""
    data = b""
    while piece := connection.recv(4096):
        data += piece
        while b"\n" in data:
            line, data = data.split(b"\n", 1)
            yield line
        if len(data) > limit:
            raise EOFError
