#!/usr/bin/env python3
"""Ships 300 MB of CRI log to a sink on the loopback interface, and prints speed, CPU and memory.

    bench.py PROGRAM [MEGABYTES]

The sink reads requests, answers them as Elasticsearch does, and looks at nothing else: what is measured is the shipper.
Both share the machine; with two cores each has one.
"""
import os, re, resource, socket, subprocess, sys, tempfile, threading, time, zlib

program = os.path.abspath(sys.argv[1])
megabytes = int(sys.argv[2]) if len(sys.argv) > 2 else 300


def write_corpus(path):
    lines = 0
    with open(path, "wb") as file:
        size = 0
        while size < megabytes * 1_000_000:
            text = (f"2026-01-01T00:{lines // 60 % 60:02}:{lines % 60:02}.{lines % 1000:03}456789Z "
                    f"{'stderr' if lines % 7 == 0 else 'stdout'} F {lines % 24:02}:00:00 INFO  "
                    f"[worker-{lines % 13}] c.s.Ranker - request {lines * 2654435761 % 2**32:08x} for user "
                    f"{lines * 40503 % 99991} scored {lines % 64} items in {lines % 900}.{lines % 10} ms\n").encode()
            file.write(text)
            size += len(text)
            lines += 1
    return size, lines


class Sink(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.documents = self.wire = self.requests = 0
        self.lock = threading.Lock()

    def run(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        stream = connection.makefile("rb")
        while True:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                line = stream.readline()
                if not line:
                    return
                head += line
            length = int(re.search(rb"(?i)content-length: *(\d+)", head).group(1))
            body = stream.read(length)
            documents = zlib.decompress(body, 31).count(b"\n") // 2
            reply = b'{"took":1,"errors":false,"items":[' + b",".join(
                [b'{"create":{"status":201}}'] * documents) + b"]}"
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
                               % len(reply) + reply)
            with self.lock:
                self.documents += documents
                self.wire += length
                self.requests += 1


def peak_rss(pid):
    with open(f"/proc/{pid}/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) / 1024


def main():
    with tempfile.TemporaryDirectory() as folder:
        size, lines = write_corpus(f"{folder}/0.log")
        sink = Sink()
        sink.start()
        environment = {
            "TAILRACE_PATHS": f"{folder}/*.log", "TAILRACE_STATE_DIR": f"{folder}/state", "TAILRACE_ADMIN": "off",
            "TAILRACE_ENDPOINT": f"http://127.0.0.1:{sink.port}", "TAILRACE_LOG_LEVEL": "warning",
        }
        begin = time.monotonic()
        process = subprocess.Popen([program, "run"], env=environment)
        while sink.documents < lines:
            if process.poll() is not None or time.monotonic() - begin > 600:
                sys.exit(f"only {sink.documents} of {lines} documents arrived")
            time.sleep(0.005)
        wall = time.monotonic() - begin
        rss = peak_rss(process.pid)
        process.terminate()
        process.wait()
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = usage.ru_utime + usage.ru_stime
        print(f"input      {size / 1e6:.0f} MB, {lines} lines")
        print(f"speed      {size / 1e6 / wall:.0f} MB/s ({wall:.2f} s)")
        print(f"CPU        {cpu / (size / 1e9):.2f} s/GB ({cpu:.2f} s)")
        print(f"peak RSS   {rss:.1f} MiB")
        print(f"wire       {sink.wire / 1e6:.1f} MB in {sink.requests} requests")
        print(f"documents  {sink.documents}, lost {lines - sink.documents if sink.documents < lines else 0}")


main()
