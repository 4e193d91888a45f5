"""RabbitMQ's Python client, case by case: one line of JSON each, with the error of those that failed."""

import json
import ssl
import sys
import time

import pika
from pika.exceptions import (
    AMQPConnectionError,
    ChannelClosedByBroker,
    NackError,
    ProbableAuthenticationError,
    UnroutableError,
)

order = json.loads(sys.argv[1])
parameters = pika.URLParameters(order["url"])
cases = {}


def case(title):
    def add(body):
        cases[title] = body
        return body

    return add


def same(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: found {found!r} instead of {expected!r}")


def opened():
    connection = pika.BlockingConnection(parameters)
    return connection, connection.channel()


def take(channel, queue, count, limit=10):
    found = []
    for method, properties, body in channel.consume(queue, inactivity_timeout=limit):
        if method is None:
            raise AssertionError(f"{len(found)} of {count} messages came")
        found.append((method, properties, body))
        if len(found) == count:
            return found


@case("publishes confirmed, consumes with prefetch, acknowledges several at once")
def _():
    connection, channel = opened()
    channel.confirm_delivery()
    queue = channel.queue_declare("", exclusive=True).method.queue
    for n in range(10):
        channel.basic_publish("", queue, str(n), pika.BasicProperties(delivery_mode=2))
    channel.basic_qos(prefetch_count=4)
    found = take(channel, queue, 4)
    same([body for _, _, body in found], [b"0", b"1", b"2", b"3"], "bodies")
    channel.basic_ack(found[-1][0].delivery_tag, multiple=True)
    same(len(take(channel, queue, 4)), 4, "the next four")
    channel.cancel()
    same(channel.queue_declare(queue, passive=True).method.message_count, 2, "ready messages")
    channel.close()
    channel = connection.channel()
    same(channel.queue_declare(queue, passive=True).method.message_count, 6, "after the channel closed")
    connection.close()


@case("mandatory: what nobody takes raises UnroutableError")
def _():
    connection, channel = opened()
    channel.confirm_delivery()
    try:
        channel.basic_publish("amq.direct", "nobody", b"x", mandatory=True)
    except UnroutableError as error:
        same(error.messages[0].method.reply_code, 312, "code")
    else:
        raise AssertionError("it was taken")
    connection.close()


@case("a full queue raises NackError")
def _():
    connection, channel = opened()
    channel.confirm_delivery()
    arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
    queue = channel.queue_declare("", exclusive=True, arguments=arguments).method.queue
    channel.basic_publish("", queue, b"1")
    try:
        channel.basic_publish("", queue, b"2")
    except NackError:
        connection.close()
        return
    raise AssertionError("it was taken")


@case("what was published without confirms is there for basic_get")
def _():
    connection, channel = opened()
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.basic_publish("", queue, b"1")
    method, _, body = channel.basic_get(queue)
    same((body, method.redelivered), (b"1", False), "message")
    channel.basic_nack(method.delivery_tag, requeue=True)
    method, _, _ = channel.basic_get(queue)
    same(method.redelivered, True, "redelivered")
    channel.basic_reject(method.delivery_tag, requeue=False)
    same(channel.basic_get(queue)[0], None, "an empty queue")
    connection.close()


@case("headers of every type come back as they were")
def _():
    connection, channel = opened()
    queue = channel.queue_declare("", exclusive=True).method.queue
    headers = {"text": "ü", "number": 7, "big": 2**40, "negative": -1, "yes": True, "none": None,
               "list": [1, "two"], "table": {"a": 1}, "bytes": b"\x00\xff"}
    channel.basic_publish("", queue, b"", pika.BasicProperties(headers=headers, priority=3, type="t"))
    _, properties, body = channel.basic_get(queue, auto_ack=True)
    same(properties.headers, headers, "headers")
    same((properties.priority, properties.type, body), (3, "t", b""), "properties")
    connection.close()


@case("dead letters with their history")
def _():
    connection, channel = opened()
    dead = channel.queue_declare("", exclusive=True).method.queue
    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}
    queue = channel.queue_declare("", exclusive=True, arguments=arguments).method.queue
    channel.basic_publish("", queue, b"x")
    method, _, _ = channel.basic_get(queue)
    channel.basic_reject(method.delivery_tag, requeue=False)
    _, properties, _ = take(channel, dead, 1)[0]
    death = properties.headers["x-death"][0]
    same((death["queue"], death["reason"], death["count"]), (queue, "rejected", 1), "x-death")
    connection.close()


@case("transactions: committed, rolled back")
def _():
    connection, channel = opened()
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.tx_select()
    channel.basic_publish("", queue, b"dropped")
    channel.tx_rollback()
    channel.basic_publish("", queue, b"kept")
    channel.tx_commit()
    method, _, body = channel.basic_get(queue)
    same(body, b"kept", "body")
    channel.basic_ack(method.delivery_tag)
    channel.tx_rollback()
    channel.basic_ack(method.delivery_tag)
    channel.tx_commit()
    same(channel.queue_declare(queue, passive=True).method.message_count, 0, "left")
    connection.close()


@case("a stream from its first message")
def _():
    connection, channel = opened()
    queue = f"pika-stream-{time.time_ns()}"
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "stream"})
    channel.confirm_delivery()
    for n in range(3):
        channel.basic_publish("", queue, str(n))
    channel.basic_qos(prefetch_count=10)
    bodies = []
    for method, properties, body in channel.consume(
        queue, arguments={"x-stream-offset": "first"}, inactivity_timeout=10
    ):
        bodies.append((properties.headers["x-stream-offset"], body))
        channel.basic_ack(method.delivery_tag)
        if len(bodies) == 3:
            break
    same(bodies, [(0, b"0"), (1, b"1"), (2, b"2")], "messages")
    channel.cancel()
    channel.queue_delete(queue)
    connection.close()


@case("direct reply-to")
def _():
    connection, channel = opened()
    requests = channel.queue_declare("", exclusive=True).method.queue
    answers = []
    channel.basic_consume("amq.rabbitmq.reply-to", lambda *it: answers.append(it[3]), auto_ack=True)
    channel.basic_publish("", requests, b"?", pika.BasicProperties(reply_to="amq.rabbitmq.reply-to"))
    _, properties, _ = channel.basic_get(requests, auto_ack=True)
    channel.basic_publish("", properties.reply_to, b"!")
    connection.process_data_events(time_limit=5)
    same(answers, [b"!"], "answers")
    connection.close()


@case("errors close the channel, and the next one works")
def _():
    connection, channel = opened()
    for code, act in (
        (404, lambda it: it.queue_declare("nowhere", passive=True)),
        (403, lambda it: it.queue_declare("amq.mine")),
        (406, lambda it: it.exchange_declare("amq.direct", "fanout", durable=True)),
        (404, lambda it: it.basic_consume("nowhere", lambda *_: None)),
    ):
        try:
            act(channel)
        except ChannelClosedByBroker as error:
            same(error.reply_code, code, "code")
        else:
            raise AssertionError(f"{code} was not answered")
        channel = connection.channel()
    connection.close()


@case("a consumer hears that its queue is gone")
def _():
    connection, channel = opened()
    queue = channel.queue_declare(f"pika-{time.time_ns()}").method.queue
    cancelled = []
    channel.add_on_cancel_callback(lambda frame: cancelled.append(frame))
    channel.basic_consume(queue, lambda *_: None)
    connection.channel().queue_delete(queue)
    connection.process_data_events(time_limit=5)
    same(len(cancelled), 1, "cancels")
    connection.close()


@case("a heartbeat every second keeps an idle connection")
def _():
    own = pika.URLParameters(order["url"] + "?heartbeat=1")
    connection = pika.BlockingConnection(own)
    end = time.time() + 3.5
    while time.time() < end:
        connection.process_data_events(time_limit=0.5)
    connection.channel().basic_qos(prefetch_count=1)
    connection.close()


@case("a wrong password is refused by name (authentication_failure_close)")
def _():
    wrong = pika.URLParameters(order["url"].replace("guest:guest", "guest:wrong"))
    try:
        pika.BlockingConnection(wrong)
    except ProbableAuthenticationError as error:
        if "ACCESS_REFUSED" not in repr(error) or "403" not in repr(error):
            raise AssertionError(repr(error))
        return
    raise AssertionError("it was let in")


@case("an unknown virtual host is refused (530)")
def _():
    wrong = pika.URLParameters(order["url"] + "/nowhere")
    try:
        pika.BlockingConnection(wrong)
    except AMQPConnectionError as error:
        if "530" not in repr(error):
            raise AssertionError(repr(error))
        return
    raise AssertionError("it was let in")


if order.get("tls"):
    @case("EXTERNAL: a client certificate over TLS is the login")
    def _():
        tls = order["tls"]
        context = ssl.create_default_context(cafile=tls["ca"])
        context.load_cert_chain(tls["cert"], tls["key"])
        own = pika.ConnectionParameters(
            "127.0.0.1", tls["port"], "/", pika.credentials.ExternalCredentials(),
            ssl_options=pika.SSLOptions(context, "localhost"),
        )
        connection = pika.BlockingConnection(own)
        channel = connection.channel()
        channel.queue_declare("", exclusive=True)
        connection.close()


for title, body in cases.items():
    try:
        body()
        print(json.dumps({"case": title}), flush=True)
    except Exception as error:
        print(json.dumps({"case": title, "error": f"{type(error).__name__}: {error}"}), flush=True)
