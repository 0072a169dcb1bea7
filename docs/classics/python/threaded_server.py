"""threaded, the server: python3 threaded_server.py HOST PORT

A thread for each client. Each message is answered by the next typed line; `q` is answered by
`q` and ends that client.
"""
import socketserver
import sys
import threading

# There is one keyboard: a message and its answer have it to themselves.
keyboard = threading.Lock()


class Talk(socketserver.BaseRequestHandler):
    def handle(self):
        try:
            while data := self.request.recv(1024):
                text = data.decode(errors="replace")
                if text == "q":
                    print(text)
                    self.request.sendall(b"q")
                    return
                self.request.sendall(self.answer(text).encode())
        except ConnectionError as error:  # this client alone is gone
            print(self.client_address, error, file=sys.stderr)

    def answer(self, text):
        with keyboard:
            print(text)
            print("from", self.client_address, file=sys.stderr)
            while not (line := input()):
                print("an empty line is not sent", file=sys.stderr)
            return line


class Server(socketserver.ThreadingTCPServer):
    # Of the class: set on the object it would come after the bind, and do nothing.
    allow_reuse_address = True
    daemon_threads = True


with Server((sys.argv[1], int(sys.argv[2])), Talk) as server:
    print("listening on {}:{}".format(*server.server_address), file=sys.stderr)
    server.serve_forever()
