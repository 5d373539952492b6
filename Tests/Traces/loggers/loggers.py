"""Ordinary lines of Python's loggers, one function each; each logs an ERROR as its last line."""
import logging
import sys

TEXTS = [
    ("info", "listening on port 8080"),
    ("info", "GET /accounts/17 took 12 ms"),
    ("debug", "cache: {'hits': 17, 'misses': 3}"),
    ("warning", "slow query (312 ms): SELECT * FROM accounts WHERE id = 17"),
    ("info", "  indented text, e.g. a list item"),
    ("info", "Exception handling is switched on"),
    ("info", "at startup: 3 workers"),
    ("error", "payment of account 17 failed"),
]


def write(logger):
    for level, text in TEXTS:
        getattr(logger, level)(text)


def logger(pattern, **options):
    logging.basicConfig(stream=sys.stdout, level=logging.DEBUG, format=pattern, **options)
    write(logging.getLogger("bank.accounts"))


def log_basic():
    logger("%(levelname)s:%(name)s:%(message)s")


def log_time():
    logger("%(asctime)s - %(name)s - %(levelname)s - %(message)s")


def log_bracket():
    logger("[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s", datefmt="%Y-%m-%d %H:%M:%S %z")


def log_structlog():
    import structlog

    structlog.configure(processors=[
        structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"),
        structlog.dev.ConsoleRenderer(colors=False)])
    write(structlog.get_logger())


def log_structlog_colours():
    import structlog

    structlog.configure(processors=[
        structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S"),
        structlog.dev.ConsoleRenderer(colors=True, force_colors=True)])
    write(structlog.get_logger())


def log_structlog_json():
    import structlog

    structlog.configure(processors=[
        structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.JSONRenderer()])
    write(structlog.get_logger())


def log_structlog_logfmt():
    import structlog

    structlog.configure(processors=[
        structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso"),
        structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])])
    write(structlog.get_logger())


def log_loguru():
    from loguru import logger as loguru

    loguru.remove()
    loguru.add(sys.stdout)
    write(loguru)


def log_uvicorn():
    from uvicorn.logging import AccessFormatter, DefaultFormatter

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(DefaultFormatter("%(levelprefix)s %(message)s", use_colors=False))
    log = logging.getLogger("uvicorn")
    log.setLevel(logging.DEBUG)
    log.addHandler(handler)
    access = logging.getLogger("access")
    access.setLevel(logging.INFO)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(AccessFormatter(
        '%(levelprefix)s %(client_addr)s - "%(request_line)s" %(status_code)s', use_colors=False))
    access.addHandler(handler)
    for path, status in (("/accounts", 200), ("/missing", 404), ("/pay", 500)):
        access.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:50644", "GET", path, "1.1", status)
    write(log)


globals()["log_" + sys.argv[1]]()
