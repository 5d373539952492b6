"""An endpoint that answers as Elasticsearch does, and stores nothing."""
import re, socket, ssl, subprocess, threading, time, zlib


def certificate(folder):
    """Files of a new certificate for 127.0.0.1 and of its key."""
    files = f"{folder}/own.pem", f"{folder}/key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", files[1], "-out", files[0]],
                   check=True, capture_output=True)
    return files


class Sink(threading.Thread):
    """Counts documents. `arrivals` has the time of each that says `probe=N`, on the monotonic clock.

    certificate  files of a certificate and its key: TLS
    dump         a file that the bodies are written to, each behind its length in eight bytes, for floor.c
    documents    of each request, if that is known: then bodies are not even decompressed
    rate         bytes a second that a connection is read at; as fast as it can otherwise
    """

    def __init__(self, certificate=None, dump=None, documents=None, rate=None):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.documents = self.wire = self.requests = 0
        self.first = self.last = None
        self.arrivals = {}
        self.dump = dump
        self.known = documents
        self.rate = rate
        self.lock = threading.Lock()
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def close(self):
        self.socket.close()

    def serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = connection.makefile("rb", buffering=1 << 20)
            while True:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = stream.readline()
                    if not line:
                        return
                    head += line
                found = re.search(rb"(?i)content-length: *(\d+)", head)
                body = self.read(stream, int(found.group(1))) if found else b""
                isBulk = b"_bulk" in head.split(b"\r\n", 1)[0]
                reply = self.take(head, body) if isBulk else b'{"version":{"number":"8.15.0"},"tagline":"You Know, for Search"}'
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n" % len(reply) + reply)
        except OSError:
            return

    def read(self, stream, length):
        if not self.rate:
            return stream.read(length)
        body = b""
        while piece := stream.read(min(length - len(body), 16 << 10)):
            body += piece
            time.sleep(len(piece) / self.rate)
        return body

    def take(self, head, body):
        now = time.monotonic()
        action, documents = b"create", self.known
        wire = len(body)
        if not documents:
            if re.search(rb"(?i)content-encoding: *gzip", head):
                body = zlib.decompress(body, 31)
            documents = body.count(b"\n") // 2
            action = body[2:body.index(b'"', 2)]
        with self.lock:
            self.first = self.first or now
            self.last = now
            self.documents += documents
            self.wire += wire
            self.requests += 1
            if self.dump:
                self.dump.write(len(body).to_bytes(8, "little") + body)
            if not self.known and b"probe=" in body:
                for number in re.findall(rb"probe=(\d+)", body):
                    self.arrivals[int(number)] = now
        item = b'{"%s":{"status":201}}' % action
        return b'{"took":1,"errors":false,"items":[' + b",".join([item] * documents) + b"]}"
