#!/usr/bin/env python3
"""What a sidecar costs while little happens, and how soon a line is on its way.

    footprint.py PROGRAM

Prints: from the start of the process to its first document; resident memory when idle, over HTTP and over TLS with the
system's certificates; the same and CPU at 2 MB/s; and the time from the write of a line to the arrival of its request, with
TAILRACE_FLUSH_INTERVAL=0 and 200ms.
"""
import os, re, resource, signal, socket, ssl, subprocess, sys, tempfile, threading, time, zlib

program = os.path.abspath(sys.argv[1])


class Endpoint(threading.Thread):
    """Stores nothing; notes when each sequence number arrived."""

    def __init__(self, certificate=None):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.arrivals = {}
        self.documents = 0
        self.first = None
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*certificate)

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = connection.makefile("rb")
            while True:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = stream.readline()
                    if not line:
                        return
                    head += line
                found = re.search(rb"(?i)content-length: *(\d+)", head)
                body = stream.read(int(found.group(1))) if found else b""
                now = time.monotonic()
                if re.search(rb"(?i)content-encoding: *gzip", head):
                    body = zlib.decompress(body, 31)
                documents = body.count(b"\n") // 2 if b"_bulk" in head.split(b"\r\n", 1)[0] else 0
                if documents:
                    self.first = self.first or now
                    self.documents += documents
                    for number in re.findall(rb"probe=(\d+)", body):
                        self.arrivals[int(number)] = now
                items = b",".join([b'{"create":{"status":201}}'] * documents)
                reply = b'{"errors":false,"items":[' + items + b"]}"
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                                   % len(reply) + reply)
        except OSError:
            return


class Shipper:
    def __init__(self, folder, endpoint, scheme="http", **settings):
        name = f"{folder}/{len(os.listdir(folder))}"
        os.makedirs(f"{name}/logs")
        self.log = open(f"{name}/logs/app.log", "w")
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [program, "run"], stderr=subprocess.DEVNULL,
            env={"TAILRACE_PATHS": f"{name}/logs/*.log", "TAILRACE_STATE_DIR": f"{name}/state",
                 "TAILRACE_ENDPOINT": f"{scheme}://127.0.0.1:{endpoint.port}", "TAILRACE_ADMIN": "127.0.0.1:0",
                 "TAILRACE_ENDPOINT_KIND": "elasticsearch", **settings})

    def write(self, text):
        self.log.write(text)
        self.log.flush()

    def status(self, key):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(rf"{key}:\s+(\d+)", status.read()).group(1)) / 1000

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def wait(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit("nothing arrived")
        time.sleep(0.002)


def line(text):
    return f"2026-01-01T00:00:00.000 INFO  [main] c.a.orders.OrderService {text}\n"


def start(folder):
    times = []
    for _ in range(5):
        endpoint = Endpoint()
        endpoint.start()
        shipper = Shipper(folder, endpoint, TAILRACE_FLUSH_INTERVAL="0ms")
        shipper.write(line("hello"))
        wait(lambda: endpoint.first)
        times.append(endpoint.first - shipper.begin)
        shipper.end()
    print(f"start to first document   {min(times) * 1000:.0f} ms at best, {sorted(times)[2] * 1000:.0f} ms in the middle")


def idle(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/own.pem"],
                   check=True, capture_output=True)
    with open(f"{folder}/bundle.pem", "w") as bundle:
        for name in ("/etc/ssl/certs/ca-certificates.crt", f"{folder}/own.pem"):
            with open(name) as file:
                bundle.write(file.read())
    for scheme, settings in (("http", {}), ("https", {"TAILRACE_CA_FILE": f"{folder}/bundle.pem"})):
        endpoint = Endpoint((f"{folder}/own.pem", f"{folder}/key.pem") if scheme == "https" else None)
        endpoint.start()
        shipper = Shipper(folder, endpoint, scheme, **settings)
        shipper.write("".join(line(f"line {number}") for number in range(100)))
        wait(lambda: endpoint.documents >= 100)
        time.sleep(12)
        before = shipper.cpu()
        time.sleep(10)
        print(f"idle, {scheme:5}               {shipper.status('VmRSS'):.1f} MB, {shipper.status('RssAnon'):.1f} of it its own, "
              f"{(shipper.cpu() - before) * 100:.1f} ms of CPU a second")
        shipper.end()


def steady(folder):
    endpoint = Endpoint()
    endpoint.start()
    shipper = Shipper(folder, endpoint)
    text = line("request served " + "x" * 80)
    piece = text * (200_000 // len(text))
    begin = time.monotonic()
    for number in range(200):
        shipper.write(piece)
        time.sleep(max(0, begin + (number + 1) * 0.1 - time.monotonic()))
    seconds = time.monotonic() - begin
    print(f"at {200 * len(piece) / seconds / 1e6:.1f} MB/s                {shipper.status('VmRSS'):.1f} MB, {shipper.status('VmHWM'):.1f} at most, "
          f"{shipper.cpu() / seconds * 100:.1f} % of a core")
    shipper.end()


def latency(folder):
    for interval in (0, 200):
        endpoint = Endpoint()
        endpoint.start()
        shipper = Shipper(folder, endpoint, TAILRACE_FLUSH_INTERVAL=f"{interval}ms")
        shipper.write(line("hello"))
        wait(lambda: endpoint.first)
        written = {}
        for number in range(200):
            time.sleep(0.03 + 0.0007 * number % 0.02 + interval / 1000)
            written[number] = time.monotonic()
            shipper.write(line(f"probe={number} "))
        wait(lambda: len(endpoint.arrivals) >= 200)
        times = sorted((endpoint.arrivals[number] - written[number]) * 1000 for number in written)
        print(f"line to request, {interval:3} ms  {times[100]:.1f} ms in the middle, {times[197]:.1f} ms at p99")
        shipper.end()


with tempfile.TemporaryDirectory() as root:
    for part in (start, latency, steady, idle):
        os.mkdir(f"{root}/{part.__name__}")
        part(f"{root}/{part.__name__}")
