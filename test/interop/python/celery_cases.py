"""Celery's driver: sends tasks to a worker that runs beside it, and says what came of them, a line of JSON each."""

import json
import time

from celery import group
from celery_app import add, app, slow, third_time, when

LIMIT = 30
cases = {}


def case(title):
    def add_case(body):
        cases[title] = body
        return body

    return add_case


def same(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: found {found!r} instead of {expected!r}")


@case("a task runs, and its result comes back by rpc")
def _():
    same(add.delay(2, 3).get(timeout=LIMIT), 5, "result")


@case("tasks with a countdown run when they are due, others before them")
def _():
    began = time.time()
    later = [when.apply_async(countdown=3) for _ in range(4)]
    # More than the prefetch are waiting for their time: the worker raised it, or this one would wait too.
    same(add.delay(1, 1).get(timeout=2.9), 2, "a task between")
    for one in later:
        ran = one.get(timeout=LIMIT) - began
        if not 2.9 < ran < 12:
            raise AssertionError(f"it ran after {ran:.2f} s")


@case("a task that retries")
def _():
    same(third_time.delay().get(timeout=LIMIT), 2, "retries")


@case("a group of 40 tasks, acknowledged late")
def _():
    same(group(slow.s(n) for n in range(40))().get(timeout=LIMIT), list(range(40)), "results")


@case("remote control: ping, the prefetch changed while the worker runs, its queues")
def _():
    same([list(one.values()) for one in app.control.ping(timeout=5)], [[{"ok": "pong"}]], "ping")
    grown = app.control.pool_grow(1, reply=True, timeout=5)
    if "ok" not in str(grown):
        raise AssertionError(f"pool_grow: {grown}")
    same(add.delay(4, 4).get(timeout=LIMIT), 8, "a task afterwards")
    queues = app.control.inspect(timeout=5).active_queues() or {}
    same([one["name"] for found in queues.values() for one in found], [app.conf.task_default_queue], "queues")


for title, body in cases.items():
    try:
        body()
        print(json.dumps({"case": title}), flush=True)
    except Exception as error:
        print(json.dumps({"case": title, "error": f"{type(error).__name__}: {error}"}), flush=True)
