"""The tasks of the Celery suite: what the worker runs and the driver sends."""

import os
import time

from celery import Celery

app = Celery("interop", broker=os.environ["AMQP_URL"], backend="rpc://")
app.conf.update(
    task_default_queue=os.environ.get("CELERY_QUEUE", "celery-interop"),
    worker_prefetch_multiplier=1,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)


@app.task
def add(left, right):
    return left + right


@app.task(bind=True, max_retries=3)
def third_time(self):
    if self.request.retries < 2:
        raise self.retry(countdown=0.2)
    return self.request.retries


@app.task
def when():
    return time.time()


@app.task
def slow(number):
    time.sleep(0.05)
    return number
