"""Classic command server: ascii or struct. Serves one client after the other."""
import socket
import struct
import subprocess
import sys

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen(5)
print(server.getsockname()[1], flush=True)
while True:
    conn, address = server.accept()
    while True:
        command = conn.recv(1024)
        if not command:
            break
        ran = subprocess.run(command.decode("utf-8"), shell=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        output = ran.stderr or ran.stdout
        if sys.argv[1] == "ascii":
            conn.send(str(len(output)).encode("utf-8"))
            assert conn.recv(1024) == b"recv_ready"
            conn.sendall(output)
        else:
            conn.send(struct.pack("i", len(output)))
            conn.sendall(output)
    conn.close()
