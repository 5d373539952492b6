#!/usr/bin/env python3
"""Writes the order that the linker puts functions in: what runs while logs are shipped side by side, then what the start takes.

    order.py PROGRAM FILE

Functions that run are a seventh of the program. Where they are spread over all of it, nearly all of it is read from disk
and stays in memory, since the kernel maps 64 KiB around each. So it is run under valgrind, which tells the functions that ran:
once to its first document; once with logs of several formats and programs, a rotation and a time of idling; once over TLS.
What a later program has no longer is left out by the linker, and what is new in it comes last: the order only has to be
made anew when memory has grown.
"""
import glob, json, os, re, signal, subprocess, sys, tempfile, time
from collections import Counter

from callgrind import costs
from sink import Sink, certificate

built, order = sys.argv[1:]
FIXTURES = os.path.join(os.path.dirname(__file__), "../Tests/TailraceCoreTests/Fixtures")
# What spends this much more than the start took of it is in use all the time.
MORE = 200


def functions(path):
    """Instructions of each function of the program itself."""
    spent = Counter()
    for library, function, cost in costs(path):
        if library == os.path.basename(built):
            # 'N tells how deep a function calls itself.
            spent[re.sub(r"'\d+$", "", function)] += cost
    return spent


def texts():
    """What programs print: each logger's lines, with a trace of a common language now and then."""
    loggers = [open(name).read() for name in sorted(glob.glob(f"{FIXTURES}/loggers/*")) if os.path.isfile(name)]
    traces = [open(name).read() for language in ("java", "python", "go", "node")
              for name in sorted(glob.glob(f"{FIXTURES}/traces/{language}/*"))[:8]]
    for number, trace in enumerate(traces):
        yield loggers[number % len(loggers)].rstrip("\n") + "\n" + trace.rstrip("\n") + "\n"


def cri(text, stamp="2026-01-01T00:00:00.000000000Z"):
    return "".join(f"{stamp} stdout F {line}\n" for line in text.splitlines())


def docker(text):
    return "".join(json.dumps({"log": line + "\n", "stream": "stdout", "time": "2026-01-01T00:00:00.000000000Z"}) + "\n"
                   for line in text.splitlines())


def arrive(endpoint, count):
    end = time.monotonic() + 300
    while endpoint.documents < count:
        if time.monotonic() > end:
            sys.exit(f"{endpoint.documents} documents arrived, not {count}")
        time.sleep(0.1)


def run(folder, act, files=None):
    """Instructions while `act` has its way with an endpoint and a folder of logs."""
    os.makedirs(f"{folder}/logs")
    # A copy without what debuggers read: valgrind gives up on some of it.
    program = f"{folder}/{os.path.basename(built)}"
    subprocess.run(["strip", "--strip-debug", "-o", program, built], check=True)
    endpoint = Sink(files)
    endpoint.start()
    settings = {"TAILRACE_CA_FILE": files[0]} if files else {}
    process = subprocess.Popen(
        ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={folder}/out", program, "run"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "TAILRACE_PATHS": f"{folder}/logs/*.log", "TAILRACE_STATE_DIR": f"{folder}/state",
             "TAILRACE_ADMIN": "127.0.0.1:0", "TAILRACE_ENDPOINT": f"http{'s' if files else ''}://127.0.0.1:{endpoint.port}",
             **settings})
    act(endpoint, f"{folder}/logs")
    process.send_signal(signal.SIGTERM)
    process.wait()
    return functions(f"{folder}/out")


def write(path, text):
    with open(path, "a") as file:
        file.write(text)


def first_document(endpoint, logs):
    write(f"{logs}/app.log", cri("hello"))
    arrive(endpoint, 1)


def everything(endpoint, logs):
    first_document(endpoint, logs)
    for _ in range(12):
        for text in texts():
            write(f"{logs}/app.log", cri(text))
            write(f"{logs}/docker.log", docker(text))
            write(f"{logs}/plain.log", text)
    time.sleep(20)
    os.rename(f"{logs}/app.log", f"{logs}/app.log.1")
    write(f"{logs}/app.log", cri("another file"))
    time.sleep(30)


def main():
    with tempfile.TemporaryDirectory() as root:
        start = run(f"{root}/start", first_document)
        shipping = run(f"{root}/shipping", everything)
        tls = run(f"{root}/tls", first_document, certificate(root))
    more = {name: cost - start[name] for name, cost in shipping.items() if cost > start[name] * 1.3 + MORE}
    # By magnitude, so that a little more or less leaves the file as it was.
    groups = sorted(more, key=lambda name: (-more[name].bit_length(), name)), sorted(set(start) - set(more)), \
        sorted((set(tls) | set(shipping)) - set(start) - set(more))
    with open(order, "w") as file:
        file.writelines(f"{name}\n" for group in groups for name in group)
    print("functions: {} in use all the time, {} at the start, {} besides".format(*map(len, groups)))


main()
