"""sticky, the server: python3 sticky_server.py HOST PORT [N,N]

Prints what each recv returned. The first asks for at most N bytes, the second for at most the
second N (10,10 unless told otherwise), those after it for as much again, until the end.
"""
import socket
import sys

sizes = [int(size) for size in (sys.argv[3] if len(sys.argv) > 3 else "10,10").split(",")]

with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
    listener.listen()
    print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
    while True:
        client, address = listener.accept()
        with client:
            try:
                reads = 0
                while data := client.recv(sizes[min(reads, len(sizes) - 1)]):
                    print(data.decode(errors="replace"))
                    reads += 1
            except ConnectionError as error:
                print(address, error, file=sys.stderr)
