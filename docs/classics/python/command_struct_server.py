"""command-struct, the server: python3 command_struct_server.py HOST PORT PROGRAM...

Runs a command of these programs, without a shell. Answers with the output's length as a
native 4-byte integer, then the output.
"""
import shlex
import socket
import struct
import subprocess
import sys

allowed = sys.argv[3:]


def output_of(line):
    try:
        words = shlex.split(line)
        if not words or words[0] not in allowed:
            return b"not allowed\n"
        # No stdin to wait for, both outputs read at once, and an end in any case.
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
        )
        return done.stderr or done.stdout
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        return f"{error}\n".encode()


with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((sys.argv[1], int(sys.argv[2])))
    listener.listen()
    print("listening on {}:{}".format(*listener.getsockname()), file=sys.stderr)
    while True:
        client, address = listener.accept()
        with client:
            try:
                while command := client.recv(1024):
                    output = output_of(command.decode(errors="replace"))
                    client.sendall(struct.pack("i", len(output)) + output)
            except ConnectionError as error:
                print(address, error, file=sys.stderr)
