"""Errors whose texts libraries make, one function per way to fail."""
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool, Process


def pay(account):
    raise ValueError(f"account {account}")


def case_executor():
    with ProcessPoolExecutor(1) as executor:
        executor.submit(pay, 17).result()


def case_pool():
    with Pool(1) as pool:
        pool.map(pay, [17])


def case_process():
    process = Process(target=pay, args=(17,))
    process.start()
    process.join()


def case_pydantic():
    from pydantic import BaseModel

    class Account(BaseModel):
        number: int
        owner: str

    Account(number="seventeen")


def case_sqlalchemy():
    from sqlalchemy import create_engine, text

    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("SELECT number,\n       balance\n  FROM account\n WHERE owner = :owner"), {"owner": "Ada"})


def case_jsonschema():
    import jsonschema

    jsonschema.validate({"number": "seventeen"}, {"properties": {"number": {"type": "integer"}}})


def case_yaml():
    import yaml

    yaml.safe_load("account: 17\n  owner: Ada\n")


def case_rich():
    from rich.traceback import install

    install(width=100)
    pay(17)


if __name__ == "__main__":
    globals()["case_" + sys.argv[1]]()
