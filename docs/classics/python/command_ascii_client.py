"""command-ascii, the client: python3 command_ascii_client.py HOST PORT

Each typed line is a command; `quit`, or the end of stdin, closes.
"""
import socket
import sys


def settled(server):
    """The digits: what comes until 50 ms of silence, for nothing marks their end."""
    data = server.recv(1024)
    server.settimeout(0.05)
    try:
        while len(data) < 1024 and (piece := server.recv(1024)):
            data += piece
    except TimeoutError:
        pass
    server.settimeout(60)
    return data


with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    server.settimeout(60)
    for line in sys.stdin:
        command = line.rstrip("\n")
        if command == "quit":
            break
        if not command:
            continue
        server.sendall(command.encode())
        left = int(settled(server))
        server.sendall(b"recv_ready")
        while left > 0:
            piece = server.recv(min(left, 65536))
            if not piece:
                sys.exit(f"closed with {left} bytes still to come")
            sys.stdout.buffer.write(piece)
            left -= len(piece)
        sys.stdout.flush()
