#!/usr/bin/env python3
"""Runs the program under loads that want memory, and compares its peak (VmHWM) with what is promised:
TAILRACE_MEMORY_LIMIT and a constant.

    memory.py PROGRAM [--short] [--constant MiB] [--limit MiB]

Ends with 1 when a load needed more.
"""
import os, re, subprocess, sys, tempfile, time

from sink import Sink

program = os.path.abspath(sys.argv[1])
short = "--short" in sys.argv
CONSTANT = int(sys.argv[sys.argv.index("--constant") + 1]) if "--constant" in sys.argv else 40
LIMIT = int(sys.argv[sys.argv.index("--limit") + 1]) if "--limit" in sys.argv else 16
SECONDS = 4 if short else 15
SCALE = 1 if short else 6


def line(number):
    return b"2026-01-01T00:00:00.000000000Z stdout F INFO request %08x took %d ms and more words\n" % (
        number * 2654435761 % 2**32, number % 900)


def many_files(folder):
    for name in range(40 * SCALE):
        with open(f"{folder}/{name}.log", "wb") as file:
            file.write(b"".join(line(number) for number in range(4000)))


def long_lines(folder):
    for name in range(6):
        with open(f"{folder}/{name}.log", "wb") as file:
            for number in range(3 * SCALE):
                file.write(bytes([97 + number % 26]) * (1 << 20) + b"\n")


def traces(folder):
    """Traces that are never finished, in many files, of both streams."""
    frame = b"\tat com.shop.checkout.PaymentClient$Inner.authorise(PaymentClient.java:%d)"
    for name in range(60):
        with open(f"{folder}/{name}.log", "wb") as file:
            for stream in (b"stdout", b"stderr"):
                for number in range(4 * SCALE):
                    lines = [b"java.lang.IllegalStateException: %d" % number]
                    lines += [frame % depth for depth in range(900)]
                    file.write(b"".join(b"2026-01-01T00:00:00Z " + stream + b" F " + text + b"\n" for text in lines))


LOADS = [
    # Name, files, rate of the endpoint (0: nobody is there), settings.
    ("many files", many_files, None, {}),
    ("many files, endpoint slow", many_files, 300_000, {"TAILRACE_SPOOL": "off"}),
    ("many files, endpoint away", many_files, 0, {"TAILRACE_SPOOL": "off"}),
    ("many files, endpoint away, spool", many_files, 0, {"TAILRACE_SPOOL": "always"}),
    ("lines of 1 MiB", long_lines, None, {}),
    ("lines of 1 MiB, endpoint away", long_lines, 0, {"TAILRACE_SPOOL": "off"}),
    ("unfinished traces", traces, None, {}),
    ("unfinished traces, endpoint slow", traces, 300_000, {"TAILRACE_MULTILINE_TIMEOUT": "1m"}),
    ("large batches, endpoint slow", many_files, 1_000_000,
     {"TAILRACE_MEMORY_LIMIT": "64MiB", "TAILRACE_BATCH_BYTES": "8MiB", "TAILRACE_SPOOL": "off"}),
]


def peak(pid):
    with open(f"/proc/{pid}/status") as status:
        match = re.search(r"VmHWM:\s+(\d+)", status.read())
        return int(match.group(1)) / 1024 if match else 0


def run(name, fill, rate, settings):
    with tempfile.TemporaryDirectory() as folder:
        fill(folder)
        sink = Sink(rate=rate)
        sink.close() if rate == 0 else sink.start()
        environment = {
            "TAILRACE_PATHS": f"{folder}/*.log", "TAILRACE_STATE_DIR": f"{folder}/state", "TAILRACE_ADMIN": "off",
            "TAILRACE_ENDPOINT": f"http://127.0.0.1:{sink.port}", "TAILRACE_LOG_LEVEL": "critical",
            "TAILRACE_ENDPOINT_KIND": "elasticsearch", "TAILRACE_COMPRESSION_LEVEL": "0" if rate is None else "1",
            "TAILRACE_SPOOL_MIN_FREE": "0", "TAILRACE_MEMORY_LIMIT": f"{LIMIT}MiB", **settings,
        }
        process = subprocess.Popen([program, "run"], env=environment)
        most, end = 0, time.monotonic() + SECONDS
        while time.monotonic() < end and process.poll() is None:
            most = max(most, peak(process.pid))
            time.sleep(0.05)
        process.kill()
        process.wait()
        sink.close()
        limit = int(environment["TAILRACE_MEMORY_LIMIT"][:-3])
        fits = 0 < most <= limit + CONSTANT
        print(f"{name:36} {most:6.1f} MiB of {limit} + {CONSTANT} {'' if fits else '  TOO MUCH'}", flush=True)
        return fits


results = [run(*load) for load in LOADS]
sys.exit(0 if all(results) else 1)
