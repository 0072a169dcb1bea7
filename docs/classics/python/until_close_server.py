"""until-close, the server: python3 until_close_server.py HOST PORT

One client; each recv is printed with the client's address until recv returns nothing.
"""
import socket
import sys

with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
    listener.listen()
    print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
    client, address = listener.accept()

with client:
    while data := client.recv(1024):
        print(address, data.decode(errors="replace"))
print(address, "closed", file=sys.stderr)
