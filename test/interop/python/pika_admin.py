"""RabbitMQ's Python client where an administrator acts: one line of JSON for each case, with the error of those that failed."""

import base64
import json
import sys
import time
import urllib.request

import pika
from pika.exceptions import ChannelClosedByBroker, ConnectionClosedByBroker

order = json.loads(sys.argv[1])
cases = {}


def case(title):
    def add(body):
        cases[title] = body
        return body

    return add


def same(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}: found {found!r} instead of {expected!r}")


def ask(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{order['api']}/{path}", data=data, method=method)
    request.add_header("authorization", "Basic " + base64.b64encode(b"guest:guest").decode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def opened(vhost="/", user="guest", password="guest", **more):
    parameters = pika.URLParameters(order["url"])
    parameters.virtual_host = vhost
    parameters.credentials = pika.PlainCredentials(user, password)
    for name, value in more.items():
        setattr(parameters, name, value)
    connection = pika.BlockingConnection(parameters)
    return connection, connection.channel()


@case("a virtual host of its own, with permissions: refused ones close the channel (403)")
def _():
    ask("PUT", "vhosts/pika", {})
    ask("PUT", "users/snake", {"password": "pw", "tags": ""})
    ask("PUT", "permissions/pika/snake", {"configure": "^s-", "write": "^s-", "read": "^s-"})
    connection, channel = opened("pika", "snake", "pw")
    channel.queue_declare("s-1")
    channel.exchange_declare("s-x", "fanout")
    channel.queue_bind("s-1", "s-x")
    channel.basic_publish("s-x", "", b"x")
    same(channel.basic_get("s-1", auto_ack=True)[2], b"x", "body")
    for act in (
        lambda it: it.queue_declare("other"),
        lambda it: it.exchange_delete("s-x") and it.exchange_declare("other", "direct"),
        lambda it: it.queue_bind("s-1", "amq.fanout"),
        lambda it: it.basic_consume("other", lambda *_: None),
    ):
        try:
            act(channel)
            raise AssertionError("it was allowed")
        except ChannelClosedByBroker as error:
            same(error.reply_code, 403, f"code ({error.reply_text})")
        channel = connection.channel()
    connection.close()
    ask("DELETE", "vhosts/pika")


@case("a policy of a queue that is there: the oldest messages are dropped, until it is taken away")
def _():
    connection, channel = opened()
    channel.confirm_delivery()
    channel.queue_declare("pika-short")
    count = lambda: channel.queue_declare("pika-short", passive=True).method.message_count
    ask("PUT", "policies/%2F/pika", {"pattern": "^pika-short$", "definition": {"max-length": 2}})
    for n in range(5):
        channel.basic_publish("", "pika-short", str(n))
    same(count(), 2, "messages with the policy")
    ask("DELETE", "policies/%2F/pika")
    for n in range(5):
        channel.basic_publish("", "pika-short", str(n))
    same(count(), 7, "messages without it")
    channel.queue_delete("pika-short")
    connection.close()


@case("connection.blocked and unblocked reach their callbacks, and what was published is there")
def _():
    connection, channel = opened()
    told = []
    connection.add_on_connection_blocked_callback(lambda _, frame: told.append(frame.method.reason))
    connection.add_on_connection_unblocked_callback(lambda *_: told.append("unblocked"))
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.basic_publish("", queue, b"before")
    connection.process_data_events(time_limit=0.2)
    path = f"nodes/{ask('GET', 'nodes')[0]['name']}/memory-high-watermark"
    ask("PUT", path, {"value": 0})
    try:
        end = time.monotonic() + 10
        while not told and time.monotonic() < end:
            connection.process_data_events(time_limit=0.1)
        channel.basic_publish("", queue, b"during")
    finally:
        ask("PUT", path, {"value": None})
    end = time.monotonic() + 10
    while len(told) < 2 and time.monotonic() < end:
        connection.process_data_events(time_limit=0.1)
    same(told, ["low on memory", "unblocked"], "what was told")
    same(channel.queue_declare(queue, passive=True).method.message_count, 2, "messages")
    connection.close()


@case("blocked_connection_timeout: a client that is blocked for too long gives up by itself")
def _():
    connection, channel = opened(blocked_connection_timeout=1)
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.basic_publish("", queue, b"x")
    path = f"nodes/{ask('GET', 'nodes')[0]['name']}/memory-high-watermark"
    ask("PUT", path, {"value": 0})
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            connection.process_data_events(time_limit=0.2)
        raise AssertionError("it is still blocked")
    except pika.exceptions.ConnectionBlockedTimeout:
        pass
    finally:
        ask("PUT", path, {"value": None})


@case("a deleted user is told so (320)")
def _():
    ask("PUT", "users/leaver", {"password": "pw", "tags": ""})
    ask("PUT", "permissions/%2F/leaver", {"configure": ".*", "write": ".*", "read": ".*"})
    connection, _ = opened("/", "leaver", "pw")
    ask("DELETE", "users/leaver")
    try:
        connection.process_data_events(time_limit=5)
        raise AssertionError("it is still there")
    except ConnectionClosedByBroker as error:
        same(error.reply_code, 320, "code")
        same("user 'leaver' is deleted" in error.reply_text, True, error.reply_text)


for title, body in cases.items():
    try:
        body()
        print(json.dumps({"case": title}))
    except Exception as error:  # every failure is a line of the report
        print(json.dumps({"case": title, "error": f"{type(error).__name__}: {error}"}))
    sys.stdout.flush()
