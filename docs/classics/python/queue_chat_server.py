"""queue-chat, the server: python3 queue_chat_server.py HOST PORT

One exchange a connection: accept, one request, one typed answer, close; the others wait in
the backlog. The request `bye` stops the server.
"""
import socket
import sys


def typed():
    """The next typed line. An empty one would send no byte."""
    while not (text := input()):
        print("an empty line is not sent", file=sys.stderr)
    return text


with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
    listener.listen()
    print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
    text = ""
    while text != "bye":
        client, address = listener.accept()
        print("from", address, file=sys.stderr)
        with client:
            try:
                data = client.recv(1024)
                text = data.decode(errors="replace")
                if data and text != "bye":
                    print(text)
                    client.sendall(typed().encode())
            except ConnectionError as error:  # this one is gone: the queue goes on
                print(address, error, file=sys.stderr)
