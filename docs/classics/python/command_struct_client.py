"""command-struct, the client: python3 command_struct_client.py HOST PORT

Each typed line is a command; `quit`, or the end of stdin, closes. Prints the output's bytes
as they are.
"""
import socket
import struct
import sys


def pieces(server, left):
    """Exactly so many bytes, in the pieces that they come in."""
    while left > 0:
        piece = server.recv(min(left, 65536))
        if not piece:
            sys.exit(f"closed with {left} bytes still to come")
        left -= len(piece)
        yield piece


with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    server.settimeout(60)
    for line in sys.stdin:
        command = line.rstrip("\n")
        if command == "quit":
            break
        if not command:
            continue
        server.sendall(command.encode())
        (length,) = struct.unpack("i", b"".join(pieces(server, 4)))
        for piece in pieces(server, length):
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
