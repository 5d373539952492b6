#!/usr/bin/env python3
"""What a sidecar costs while little happens, and how soon a line is on its way.

    footprint.py PROGRAM

Prints, beside what is at most wanted: from the start of the process to its first document; resident memory when idle, over
HTTP and over TLS with the system's certificates; the same and CPU at 2 MB/s; and the time from the write of a line to the
arrival of its request, with TAILRACE_FLUSH_INTERVAL=0 and 200ms. Ends with 1 when more was needed. MB are 10^6 bytes.
"""
import os, re, signal, subprocess, sys, tempfile, time
from sink import Sink, certificate

program = os.path.abspath(sys.argv[1])
missed = []


def report(name, text, value, most):
    """Prints a line. `value` is the one in it that may be `most` at most."""
    print(f"{name:25} {text} (at most {most}{'' if value <= most else ': MISSED'})")
    if value > most:
        missed.append(name)


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
            return int(re.search(rf"{key}:\s+(\d+)", status.read()).group(1)) * 1.024 / 1000

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
        endpoint = Sink()
        endpoint.start()
        shipper = Shipper(folder, endpoint, TAILRACE_FLUSH_INTERVAL="0ms")
        shipper.write(line("hello"))
        wait(lambda: endpoint.first)
        times.append(endpoint.first - shipper.begin)
        shipper.end()
    report("start to first document", f"{min(times) * 1000:.0f} ms at best, {sorted(times)[2] * 1000:.0f} ms in the middle",
           sorted(times)[2] * 1000, 150)


def idle(folder):
    files = certificate(folder)
    with open(f"{folder}/bundle.pem", "w") as bundle:
        for name in ("/etc/ssl/certs/ca-certificates.crt", files[0]):
            with open(name) as file:
                bundle.write(file.read())
    for scheme, settings in (("http", {}), ("https", {"TAILRACE_CA_FILE": f"{folder}/bundle.pem"})):
        endpoint = Sink(files if scheme == "https" else None)
        endpoint.start()
        shipper = Shipper(folder, endpoint, scheme, **settings)
        shipper.write("".join(line(f"line {number}") for number in range(100)))
        wait(lambda: endpoint.documents >= 100)
        time.sleep(12)
        before = shipper.cpu()
        time.sleep(10)
        memory = shipper.status("VmRSS")
        report(f"idle, {scheme}", f"{memory:.1f} MB, {shipper.status('RssAnon'):.1f} of it its own, "
               f"{(shipper.cpu() - before) * 100:.1f} ms of CPU a second", memory, 17 if scheme == "https" else 13)
        shipper.end()


def steady(folder):
    endpoint = Sink()
    endpoint.start()
    shipper = Shipper(folder, endpoint)
    text = line("request served " + "x" * 80)
    piece = text * (200_000 // len(text))
    begin = time.monotonic()
    for number in range(200):
        shipper.write(piece)
        time.sleep(max(0, begin + (number + 1) * 0.1 - time.monotonic()))
    seconds = time.monotonic() - begin
    memory = shipper.status("VmHWM")
    report(f"at {200 * len(piece) / seconds / 1e6:.1f} MB/s", f"{shipper.status('VmRSS'):.1f} MB, {memory:.1f} at most, "
           f"{shipper.cpu() / seconds * 100:.1f} % of a core", memory, 18)
    shipper.end()


def latency(folder):
    for interval in (0, 200):
        endpoint = Sink()
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
        report(f"line to request, {interval} ms", f"{times[100]:.1f} ms in the middle, {times[197]:.1f} ms at p99",
               times[197], interval + 10 if interval else 20)
        shipper.end()


with tempfile.TemporaryDirectory() as root:
    for part in (start, latency, steady, idle):
        os.mkdir(f"{root}/{part.__name__}")
        part(f"{root}/{part.__name__}")
if missed:
    sys.exit(f"More than wanted: {', '.join(missed)}")
