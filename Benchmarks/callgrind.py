"""Reads what `valgrind --tool=callgrind` writes."""
import os, re


def costs(path):
    """Object, function and instructions of each line of a profile: after `calls=` comes what was spent elsewhere."""
    names, here, is_call = {}, {}, False
    with open(path) as profile:
        for line in profile:
            if match := re.match(r"(c?)(ob|fn)=\((\d+)\)(?: (.*))?", line):
                called, kind, number, name = match.groups()
                if name:
                    names[kind, number] = name.strip()
                if not called:
                    here[kind] = names[kind, number]
            elif line.startswith("calls="):
                is_call = True
            elif line[0] in "+-*0123456789":
                if not is_call:
                    yield os.path.basename(here["ob"]), here["fn"], int(line.split()[1])
                is_call = False
