#!/usr/bin/env python3
"""Counts the instructions of each step of a line, and compares them with those that are committed.

    instructions.py PROGRAM            prints them; fails when a step takes over 5 % more than in instructions.json
    instructions.py PROGRAM --update   writes instructions.json

Seconds depend on what else a machine does; instructions, counted by valgrind, do not. They are those of `microbench` on a
made-up log that is the same everywhere. What a step takes in libraries of the system (memchr, memcpy) is counted as well,
and may differ a little with their version. zlib and its like are not ours to guard, and are left out.
"""
import json, os, re, subprocess, sys, tempfile

program = sys.argv[1]
baseline_path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instructions.json")
ROUNDS, LINES, TOLERANCE = 3, 4000, 0.05
STEPS = ["decode", "join", "join-traces", "encode", "line", "line-traces", "reply", "spool", "checkpoint"]


def count(step):
    """Instructions for each record."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", "--collect-atstart=no",
             "--toggle-collect=*microbench*measure*", program, "--stage", step, "--rounds", str(ROUNDS), "--lines",
             str(LINES)], capture_output=True, text=True)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    records = re.search(r"(\d+) records", done.stdout)
    if done.returncode or not collected or not records:
        sys.exit(f"{step} can't be counted:\n{done.stdout}{done.stderr}")
    return round(int(collected.group(1)) / ROUNDS / int(records.group(1)), 1)


def main():
    counts = {step: count(step) for step in STEPS}
    if "--update" in sys.argv:
        with open(baseline_path, "w") as file:
            json.dump(counts, file, indent=2)
            file.write("\n")
    with open(baseline_path) as file:
        baseline = json.load(file)
    worse = []
    for step, number in counts.items():
        change = number / baseline[step] - 1
        print(f"{step:12} {number:9.1f} instructions a record, {change:+7.1%}")
        if change > TOLERANCE:
            worse.append(step)
    if worse:
        sys.exit(f"Over 5 % more than in instructions.json: {', '.join(worse)}. If that is worth it, say why in the "
                 "commit, and write the numbers anew with --update.")


main()
