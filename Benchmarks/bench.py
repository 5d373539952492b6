#!/usr/bin/env python3
"""What shipping costs: the same log through Tailrace, and through rsyslog and Fluent Bit where they are installed.

    bench.py PROGRAM [--megabytes N] [--runs N] [--insert FILE] [--svg FILE]

Each shipper reads a finished file of CRI log into a sink on the loopback interface, with its state folder empty. The sink
answers as Elasticsearch does, counts documents, and looks at nothing else: what is measured is the shipper. CPU is user and
system time of the whole process from its start to its end; of several runs of Tailrace, taken in turns, the median counts,
and the others, which take minutes, have one. Memory is the peak of its resident set. Ratios compare runs of one call, so that
a busy machine is the same for all. The shipper has one core and the sink another.

Two more tables: zlib alone on the very same bodies (floor.c), in turns with the others, and one core against two. There the
sink does next to nothing; what it does take of two cores is left out in "without the sink". --insert puts all of them into a
text, between the lines `<!-- make bench -->` and `<!-- end -->`.
"""
import argparse, glob, os, random, re, shutil, signal, statistics, subprocess, sys, tempfile, time
from sink import Sink


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


# The shippers. Each: folder, log file, port -> command, environment

def tailrace(program, compressor, **settings):
    def command(folder, log, port):
        return [program, "run"], {
            "TAILRACE_PATHS": log, "TAILRACE_STATE_DIR": f"{folder}/state", "TAILRACE_ADMIN": "127.0.0.1:0",
            "TAILRACE_ENDPOINT": f"http://127.0.0.1:{port}", "TAILRACE_LOG_LEVEL": "warning",
            "TAILRACE_COMPRESSOR": compressor, **settings}
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


def run(make, log, events, sink=None, cores=None):
    """One shipper from its start to its end. It may use `cores`; the sink has the last one of the machine."""
    everything = os.sched_getaffinity(0)
    cores = cores or ({min(everything)} if len(everything) > 1 else everything)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/state")
        sink = sink or Sink()
        if cores != everything:
            os.sched_setaffinity(0, {max(everything)})
        own = time.process_time()
        sink.start()
        command, environment = make(folder, log, sink.port)
        begin = time.monotonic()
        with open(f"{folder}/output", "wb") as output:
            process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output,
                                       preexec_fn=lambda: os.sched_setaffinity(0, cores))
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
        sink.close()
        os.sched_setaffinity(0, everything)
        if sink.documents < events:
            with open(f"{folder}/output") as output:
                print(f"only {sink.documents} of {events} arrived\n{output.read()[:2000]}", file=sys.stderr)
        return {"cpu": usage.ru_utime + usage.ru_stime, "wall": (sink.last or begin) - begin, "memory": memory,
                "wire": sink.wire, "documents": sink.documents, "missing": max(0, events - sink.documents),
                "sink": time.process_time() - own}


# Beside the shippers

def compile_floor(folder):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "floor.c")
    if not compiler:
        return print("zlib alone can't be measured: there is no C compiler", file=sys.stderr)
    subprocess.run([compiler, "-O2", "-o", f"{folder}/floor", source, "-lz"], check=True)
    return f"{folder}/floor"


def floor(program, bodies):
    """CPU seconds that zlib takes for `bodies` in a C program that does nothing else, on the shippers' core."""
    output = subprocess.run([program, bodies], capture_output=True, text=True, check=True,
                            preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})).stdout
    return float(output.split()[0])


def scaling(program, engine, log, events, size, runs):
    """One core against two, with requests of 1,000 documents each, so that nobody has to count them."""
    cores = sorted(os.sched_getaffinity(0))
    make = tailrace(program, engine, TAILRACE_BATCH_RECORDS="1000", TAILRACE_BATCH_BYTES="2MiB",
                    TAILRACE_MEMORY_LIMIT="16MiB", TAILRACE_FLUSH_INTERVAL="1h")
    results = {1: [], 2: []}
    for _ in range(runs):
        for count, several in results.items():
            several.append(run(make, log, events, Sink(documents=1000), set(cores[:count])))
    one, two = ({key: statistics.median(each[key] for each in several) for key in ("wall", "sink")}
                for several in results.values())
    alone = two["wall"] - (two["sink"] / 2 if len(cores) == 2 else 0)
    return {"name": f"Tailrace, {engine}", "one": size / 1e6 / one["wall"], "two": size / 1e6 / two["wall"],
            "ratio": one["wall"] / two["wall"], "alone": one["wall"] / alone}


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


def floor_table(floors):
    text = ("| Log | zlib alone, CPU s/GB | Tailrace with zlib | |\n|---|---|---|---|\n")
    for log, (alone, ours) in floors.items():
        text += f"| {log} | {alone:.1f} | {ours:.1f} | {ours / alone:.2f}× |\n"
    return text


def scaling_table(rows):
    text = ("| `cri`, MB/s | one core | two | | without the sink |\n|---|---|---|---|---|\n")
    for row in rows:
        text += f"| {row['name']} | {row['one']:.0f} | {row['two']:.0f} | {row['ratio']:.2f}× | {row['alone']:.2f}× |\n"
    return text


def insert(text, path):
    with open(path) as file:
        parts = re.fullmatch(r"(.*<!-- make bench -->\n).*?(<!-- end -->.*)", file.read(), re.DOTALL)
    if not parts:
        sys.exit(f"{path} has no place for the tables")
    with open(path, "w") as file:
        file.write(parts.group(1) + text + parts.group(2))


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
    options.add_argument("--insert")
    options.add_argument("--svg")
    options = options.parse_args()
    program = os.path.abspath(options.program)
    found = shippers(program)
    rows, floors, scales = {}, {}, []
    with tempfile.TemporaryDirectory() as folder:
        floor_program = compile_floor(folder)
        for kind in ("cri", "cri-java"):
            log = f"{folder}/{kind}.log"
            size, events = write_corpus(log, kind, options.megabytes * 1_000_000)
            if floor_program:
                with open(f"{folder}/bodies", "wb") as bodies:
                    run(found["Tailrace, zlib"], log, events, Sink(dump=bodies))
            results, alone = {name: [] for name in found}, []
            for turn in range(options.runs):
                for name, make in found.items():
                    if turn == 0 or name.startswith("Tailrace"):
                        results[name].append(run(make, log, events))
                if floor_program:
                    alone.append(floor(floor_program, f"{folder}/bodies") / (size / 1e9))
            rows[kind] = []
            for name, runs in results.items():
                middle = {key: statistics.median(one[key] for one in runs) for key in runs[0]}
                rows[kind].append({"name": name, "cpu": middle["cpu"] / (size / 1e9), "memory": middle["memory"],
                                   "speed": size / 1e6 / middle["wall"], "wire": middle["wire"] / 1e6,
                                   "missing": round(max(one["missing"] for one in runs))})
            if floor_program:
                floors[kind] = (statistics.median(alone), rows[kind][0]["cpu"])
                os.remove(f"{folder}/bodies")
            if kind == "cri" and len(os.sched_getaffinity(0)) > 1:
                scales = [scaling(program, name.split(", ")[1], log, events, size, options.runs)
                          for name in found if name.startswith("Tailrace")]
            os.remove(log)
    tables = "\n".join(text for text in (table(rows), floors and floor_table(floors), scales and scaling_table(scales)) if text)
    print(tables, end="")
    if options.insert:
        runs = f"the median of {options.runs} runs of Tailrace, one of others" if options.runs > 1 else "one run each"
        insert(f"{options.megabytes} MB of each log, {runs}:\n\n{tables}", options.insert)
    if options.svg:
        with open(options.svg, "w") as file:
            file.write(plot(rows, options.megabytes))


main()
