#!/usr/bin/env python3
"""Counts the instructions of each step of a line, and compares them with those that are committed.

    instructions.py PROGRAM            prints them; fails when a step takes over 5 % more than in instructions.json
    instructions.py PROGRAM --update   writes instructions.json

Seconds depend on what else a machine does; instructions, counted by valgrind, do not. They are those of `microbench` on a
made-up log that is the same everywhere. What a step takes in the C library (memchr, memcpy), in zlib and its like is left
out: that depends on their version and on the processor. Another compiler makes other code of the same sources, so
that with another one than instructions.json was made with, more is only said.

What is done to each line must not ask for memory: that is counted as well.
"""
import json, os, re, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

from callgrind import costs

built = sys.argv[1]
# A copy without what debuggers read: valgrind gives up on some of it.
copies = tempfile.TemporaryDirectory()
program = os.path.join(copies.name, os.path.basename(built))
subprocess.run(["strip", "--strip-debug", "-o", program, built], check=True)
baseline_path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.json")
ROUNDS, LINES, TOLERANCE = 3, 4000, 0.05
LINE_STEPS = ["decode", "join", "join-traces", "encode", "line", "line-traces"]
STEPS = LINE_STEPS + ["reply", "spool", "checkpoint"]
# Batches are made anew, buffers grow at first, and a trace asks once or twice. One allocation takes at least twenty.
ALLOCATION_MAX = 10


def is_own(library):
    return library == os.path.basename(program) or library.startswith("libswift")


def is_allocation(function):
    """Of large blocks, most is in the kernel."""
    return re.fullmatch(r"(_int_)?(malloc|realloc|memalign)|calloc|posix_memalign", function)


def count(step):
    """Instructions for each record, and those of allocation."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", "--collect-atstart=no",
             "--toggle-collect=*microbench*measure*", program, "--stage", step, "--rounds", str(ROUNDS), "--lines",
             str(LINES)], capture_output=True, text=True)
        records = re.search(r"(\d+) records", done.stdout)
        if done.returncode or not records:
            sys.exit(f"{step} can't be counted:\n{done.stdout}{done.stderr}")
        records = ROUNDS * int(records.group(1))
        spent = list(costs(f"{folder}/out"))
        own = sum(cost for library, _, cost in spent if is_own(library))
        allocation = sum(cost for _, function, cost in spent if is_allocation(function))
        return round(own / records, 1), allocation / records


def compiler():
    text = subprocess.run([os.environ.get("SWIFT", "swift"), "--version"], capture_output=True, text=True).stdout
    return re.search(r"Swift version (\S+)", text).group(1)


def main():
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(STEPS, pool.map(count, STEPS)))
    steps = {step: instructions for step, (instructions, _) in counts.items()}
    swift = compiler()
    if "--update" in sys.argv:
        with open(baseline_path, "w") as file:
            json.dump({"swift": swift, "steps": steps}, file, indent=2)
            file.write("\n")
    with open(baseline_path) as file:
        baseline = json.load(file)
    wasteful = [step for step in LINE_STEPS if counts[step][1] > ALLOCATION_MAX]
    worse = []
    for step, number in steps.items():
        change = number / baseline["steps"][step] - 1
        print(f"{step:12} {number:9.1f} instructions a record, {change:+7.1%}, {counts[step][1]:.2f} of allocation")
        if change > TOLERANCE:
            worse.append(step)
    if wasteful:
        sys.exit(f"Memory is asked for line by line: {', '.join(wasteful)}.")
    if not worse:
        return
    found = f"Over 5 % more than in instructions.json: {', '.join(worse)}."
    if swift != baseline["swift"]:
        return print(f"{found} That was made with Swift {baseline['swift']}, this with {swift}.")
    sys.exit(f"{found} If that is worth it, say why in the commit, and write the numbers anew with --update.")


main()
