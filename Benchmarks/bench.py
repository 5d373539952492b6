#!/usr/bin/env python3
"""What shipping costs: the same log through Tailrace, and through rsyslog and Fluent Bit where they are installed.

    bench.py PROGRAM [--megabytes N] [--runs N] [--markdown FILE] [--svg FILE]

Each shipper reads a finished file of CRI log into a sink on the loopback interface, with its state folder empty. The sink
answers as Elasticsearch does, counts documents, and looks at nothing else: what is measured is the shipper. CPU is user and
system time of the whole process from its start to its end; of several runs, taken in turns, the median counts. Memory is the
peak of its resident set. Ratios compare runs of one call, so that a busy machine is the same for all.
"""
import argparse, glob, os, random, re, resource, shutil, signal, socket, statistics, subprocess, sys, tempfile, threading, time, zlib


# The logs

def record(number, rng, text):
    stamp = f"2026-01-01T00:{number // 60000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}"
    stream = "stderr" if number % 7 == 6 else "stdout"
    return f"{stamp}{rng.randrange(10 ** 6):06}Z {stream} F {text}\n"


def write_corpus(path, kind, size_wanted):
    """`cri`: one line an event. `cri-java`: one event in ten is a stack trace. Returns bytes and events."""
    rng = random.Random(7)
    words = "query refund retry pool upstream order payment cache token scaled slow worker delivered partition".split()
    size = number = events = 0
    with open(path, "w") as file:
        while size < size_wanted:
            block = []
            for _ in range(2000):
                number += 1
                events += 1
                clock = f"2026-01-01T00:{number // 60000 % 60:02}:{number // 1000 % 60:02}.{number % 1000:03}"
                level = "ERROR" if number % 10 == 3 else "INFO "
                text = (f"{clock} {level} [exec-{rng.randrange(32)}] c.a.orders.OrderService request {number:08x} "
                        f"{' '.join(rng.choices(words, k=rng.randrange(2, 9)))} took {rng.randrange(900)} ms")
                block.append(record(number, rng, text))
                if kind == "cri-java" and number % 10 == 3:
                    lines = ["java.lang.IllegalStateException: no connection left"]
                    lines += [f"\tat com.acme.{rng.choice(words)}.Handler.run(Handler.java:{rng.randrange(900)})"
                              for _ in range(rng.randrange(8, 60))]
                    block += [record(number, rng, line).replace(" stderr ", " stdout ") for line in lines]
            text = "".join(block)
            file.write(text)
            size += len(text)
    return size, events


# The endpoint

class Sink(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.documents = self.wire = self.requests = 0
        self.first = self.last = None
        self.lock = threading.Lock()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb", buffering=1 << 20)
        try:
            while True:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = stream.readline()
                    if not line:
                        return
                    head += line
                found = re.search(rb"(?i)content-length: *(\d+)", head)
                body = stream.read(int(found.group(1))) if found else b""
                wire = len(body)
                if re.search(rb"(?i)content-encoding: *gzip", head):
                    body = zlib.decompress(body, 31)
                documents = body.count(b"\n") // 2 if b"_bulk" in head.split(b"\r\n", 1)[0] else 0
                if documents:
                    action = body[2:body.index(b'"', 2)]
                    item = b'{"%s":{"status":201}}' % action
                    reply = b'{"took":1,"errors":false,"items":[' + b",".join([item] * documents) + b"]}"
                else:
                    reply = b'{"version":{"number":"8.15.0"},"tagline":"You Know, for Search"}'
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n" % len(reply) + reply)
                with self.lock:
                    self.last = time.monotonic()
                    self.first = self.first or self.last
                    self.documents += documents
                    self.wire += wire
                    self.requests += 1 if documents else 0
        except OSError:
            return


# The shippers. Each: folder, log file, port -> command, environment

def tailrace(program, compressor):
    def command(folder, log, port):
        return [program, "run"], {
            "TAILRACE_PATHS": log, "TAILRACE_STATE_DIR": f"{folder}/state", "TAILRACE_ADMIN": "127.0.0.1:0",
            "TAILRACE_ENDPOINT": f"http://127.0.0.1:{port}", "TAILRACE_LOG_LEVEL": "warning",
            "TAILRACE_COMPRESSOR": compressor}
    return command


def rsyslog(program):
    def command(folder, log, port):
        with open(f"{folder}/rsyslog.conf", "w") as file:
            file.write(f'''
global(workDirectory="{folder}/state" maxMessageSize="256k" net.enableDNS="off")
module(load="imfile" mode="inotify")
module(load="omelasticsearch")
template(name="document" type="list") {{
  constant(value="{{\\"@timestamp\\":\\"") property(name="rawmsg" position.from="1" position.to="30")
  constant(value="\\",\\"stream\\":\\"") property(name="rawmsg" position.from="32" position.to="37")
  constant(value="\\",\\"message\\":\\"") property(name="rawmsg" position.from="41" format="json")
  constant(value="\\"}}")
}}
input(type="imfile" file="{log}" tag="app" ruleset="ship" addMetadata="off" freshStartTail="off" escapeLF="off"
      startmsg.regex="^[^ ]+ (stdout|stderr) [FP] [0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T" readTimeout="2")
ruleset(name="ship" queue.type="LinkedList" queue.size="50000" queue.dequeueBatchSize="5000"
        queue.workerThreads="1" queue.timeoutEnqueue="600000") {{
  action(type="omelasticsearch" server="127.0.0.1" serverport="{port}" template="document" searchIndex="logs"
         searchType="" bulkmode="on" maxbytes="5m" action.resumeRetryCount="-1")
}}
''')
        return [program, "-n", "-f", f"{folder}/rsyslog.conf", "-i", f"{folder}/rsyslog.pid"], {}
    return command


def fluent_bit(program):
    def command(folder, log, port):
        with open(f"{folder}/fluent-bit.yaml", "w") as file:
            file.write(f'''
service: {{flush: 1, log_level: warn}}
pipeline:
  inputs:
    - {{name: tail, path: "{log}", read_from_head: true, multiline.parser: "cri, java", db: "{folder}/state/db",
        mem_buf_limit: 50M}}
  outputs:
    - {{name: es, match: "*", host: 127.0.0.1, port: {port}, index: logs, suppress_type_name: on, compress: gzip,
        generate_id: on, retry_limit: no_limits, buffer_size: 1M}}
''')
        return [program, "-c", f"{folder}/fluent-bit.yaml"], {}
    return command


def peak_memory(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read()).group(1)) / 1024
    except (OSError, AttributeError):
        return 0


def run(make, log, events):
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/state")
        sink = Sink()
        sink.start()
        command, environment = make(folder, log, sink.port)
        begin = time.monotonic()
        with open(f"{folder}/output", "wb") as output:
            process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
        memory = 0
        # What does not join every trace sends more documents; then nothing comes any more.
        while sink.documents < events or time.monotonic() - sink.last < 0.5:
            memory = max(memory, peak_memory(process.pid))
            if process.poll() is not None or time.monotonic() - max(begin, sink.last or 0) > 20:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        sink.socket.close()
        if sink.documents < events:
            with open(f"{folder}/output") as output:
                print(f"only {sink.documents} of {events} arrived\n{output.read()[:2000]}", file=sys.stderr)
        return {"cpu": usage.ru_utime + usage.ru_stime, "wall": (sink.last or begin) - begin, "memory": memory,
                "wire": sink.wire, "documents": sink.documents, "missing": max(0, events - sink.documents)}


# What is printed

def table(rows):
    text = ("| Log | Shipper | CPU s/GB | | MB/s | Peak MiB | | MB on the wire | Lost |\n"
            "|---|---|---|---|---|---|---|---|---|\n")
    for log, group in rows.items():
        base = group[0]
        for row in group:
            text += (f"| {log} | {row['name']} | {row['cpu']:.1f} | {row['cpu'] / base['cpu']:.1f}× | {row['speed']:.0f} | "
                     f"{row['memory']:.0f} | {row['memory'] / base['memory']:.1f}× | {row['wire']:.0f} | {row['missing']} |\n")
    return text


def plot(rows, megabytes):
    """Bars: CPU to the left, memory to the right."""
    bars = [(log, row) for log, group in rows.items() for row in group]
    height = 24 * len(bars) + 64
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="860" height="{height}" viewBox="0 0 860 {height}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="860" height="{height}" fill="#ffffff"/>',
           f'<text x="10" y="20" font-size="14" fill="#222">{megabytes} MB of log to a sink on the same machine</text>',
           '<text x="210" y="42" fill="#555">CPU seconds per GB</text>',
           '<text x="560" y="42" fill="#555">Peak memory, MiB</text>']
    widest = {key: max(row[key] for _, row in bars) for key in ("cpu", "memory")}
    for index, (log, row) in enumerate(bars):
        y = 52 + 24 * index
        colour = "#1f77b4" if row["name"].startswith("Tailrace") else "#b0b0b0"
        out.append(f'<text x="10" y="{y + 14}" fill="#222">{log}, {row["name"]}</text>')
        for x, key in ((210, "cpu"), (560, "memory")):
            width = max(1, 260 * row[key] / widest[key])
            out.append(f'<rect x="{x}" y="{y + 2}" width="{width:.0f}" height="16" fill="{colour}"/>')
            out.append(f'<text x="{x + width + 5:.0f}" y="{y + 14}" fill="#222">{row[key]:.1f}</text>')
    return "\n".join(out + ["</svg>", ""])


def shippers(program):
    found = {}
    built_in = {"zlib"}
    for engine in ("isal", "libdeflate"):
        trial = subprocess.run([program, "check", "--offline"], env={"TAILRACE_COMPRESSOR": engine, "PATH": os.environ["PATH"]},
                               capture_output=True, text=True)
        if "built without" not in trial.stdout + trial.stderr:
            built_in.add(engine)
    for engine in ("zlib", "libdeflate", "isal"):
        if engine in built_in:
            found[f"Tailrace, {engine}"] = tailrace(program, engine)
    daemon = shutil.which("rsyslogd") or "/usr/sbin/rsyslogd"
    if os.path.exists(daemon) and glob.glob("/usr/lib/*/rsyslog/omelasticsearch.so"):
        found["rsyslog, no gzip"] = rsyslog(daemon)
    if shutil.which("fluent-bit"):
        found["Fluent Bit, gzip"] = fluent_bit(shutil.which("fluent-bit"))
    return found


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("program")
    options.add_argument("--megabytes", type=int, default=300)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--markdown")
    options.add_argument("--svg")
    options = options.parse_args()
    found = shippers(os.path.abspath(options.program))
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("cri", "cri-java"):
            log = f"{folder}/{kind}.log"
            size, events = write_corpus(log, kind, options.megabytes * 1_000_000)
            results = {name: [] for name in found}
            for _ in range(options.runs):
                for name, make in found.items():
                    results[name].append(run(make, log, events))
            rows[kind] = []
            for name, runs in results.items():
                middle = {key: statistics.median(one[key] for one in runs) for key in runs[0]}
                rows[kind].append({"name": name, "cpu": middle["cpu"] / (size / 1e9), "memory": middle["memory"],
                                   "speed": size / 1e6 / middle["wall"], "wire": middle["wire"] / 1e6,
                                   "missing": round(max(one["missing"] for one in runs))})
            os.remove(log)
    print(table(rows), end="")
    if options.markdown:
        with open(options.markdown, "w") as file:
            file.write(table(rows))
    if options.svg:
        with open(options.svg, "w") as file:
            file.write(plot(rows, options.megabytes))


main()
