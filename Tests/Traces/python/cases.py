"""Errors of Python, one function per way to fail."""
import asyncio
import json
import sys
import threading
import traceback


class Overdrawn(Exception):
    pass


class BankProblem(RuntimeError):
    pass


def pay(account):
    raise Overdrawn(f"account {account}")


def case_plain():
    pay(17)


def case_no_message():
    raise Overdrawn


def case_assertion():
    assert 1 + 1 == 3


def case_key():
    {"a": 1}["b"]


def case_cause():
    try:
        pay(17)
    except Overdrawn as error:
        raise BankProblem("payment failed") from error


def case_context():
    try:
        pay(17)
    except Overdrawn:
        {}["account"]


def case_long_chain():
    try:
        try:
            {}["account"]
        except KeyError as error:
            raise Overdrawn("account 17") from error
    except Overdrawn:
        int("seventeen")


def case_group():
    errors = []
    for account in (17, 18):
        try:
            pay(account)
        except Overdrawn as error:
            errors.append(error)
    raise ExceptionGroup("payments failed", errors)


def case_nested_group():
    try:
        case_group()
    except ExceptionGroup as group:
        raise ExceptionGroup("night run", [group, ValueError("bad\nvalue"), TypeError(1)]) from group


def case_notes():
    error = Overdrawn("account 17")
    error.add_note("while paying the rent")
    error.add_note("second note\nof two lines")
    raise error


def case_message_lines():
    raise BankProblem("could not run\nSELECT *\n  FROM accounts\n WHERE id = 17")


def case_message_blank():
    raise BankProblem("first paragraph\n\nsecond paragraph: see below\n\n  - item")


def case_recursion():
    def deep(n):
        return deep(n + 1)

    deep(0)


def case_import():
    import no_such_module  # noqa


def case_syntax_eval():
    eval("1 + * 2")


def case_syntax_chain():
    try:
        compile("for x in:\n  pass", "rules.py", "exec")
    except SyntaxError as error:
        raise BankProblem("rules") from error


def case_json():
    json.loads('{"a": }')


def case_unicode():
    b"\xff\xfe".decode("utf-8")


def case_exec():
    exec("def f():\n    raise ValueError('from nowhere')\nf()")


def case_expressions():
    values = {"a": [1, 2, 3]}
    print(values["a"][0] + values["a"][7], file=sys.stderr)


def case_thread():
    thread = threading.Thread(target=pay, args=(17,), name="worker-1")
    thread.start()
    thread.join()


def case_asyncio():
    async def main():
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(17))
            group.create_task(fail(18))

    async def fail(account):
        await asyncio.sleep(0)
        pay(account)

    asyncio.run(main())


def case_unraisable():
    class Odd:
        def __del__(self):
            pay(17)

    Odd()


def case_os():
    open("/no/such/file")


def case_subprocess():
    import subprocess

    subprocess.run(["false"], check=True)


def case_from_none():
    try:
        pay(17)
    except Overdrawn:
        raise BankProblem("hidden") from None


def case_name_hint():
    acount = 1
    return account  # noqa


def case_stack():
    traceback.print_exception(BankProblem("never raised"))
    try:
        pay(18)
    except Overdrawn:
        traceback.print_exc(limit=1)


def case_lambda():
    sorted([3, 1, 2], key=lambda number: 1 / (number - 2))


if __name__ == "__main__":
    globals()["case_" + sys.argv[1]]()
