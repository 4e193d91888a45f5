"""confluent-kafka-python (librdkafka) under test. One JSON object as the argument says what to do; see client.ts."""

import base64
import json
import select
import sys
import time

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic

spec = json.loads(sys.argv[1])
refusals = []


def on_error(error):
    if error.code() in (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED):
        refusals.append(str(error))


def connection(**more):
    given = {"bootstrap.servers": spec["bootstrap"], "error_cb": on_error}
    security = spec.get("security")
    if security:
        given.update({
            "security.protocol": "SASL_SSL",
            "sasl.mechanisms": security["mechanism"],
            "sasl.username": security["username"],
            "sasl.password": security["password"],
            "ssl.ca.location": security["ca"],
        })
    given.update({name.replace("_", "."): value for name, value in more.items()})
    return given


def decoded(text):
    return None if text is None else base64.b64decode(text)


def encoded(data):
    return None if data is None else base64.b64encode(data).decode()


def say(**fields):
    print(json.dumps(fields), flush=True)


def produce():
    failed = []

    def on_delivery(error, _):
        if error:
            failed.append(str(error))

    producer = Producer(connection(
        acks="all", linger_ms=20, compression_codec=spec["codec"], message_timeout_ms=8000,
        enable_idempotence=bool(spec.get("idempotent")),
    ))
    for line in sys.stdin:
        row = json.loads(line)
        headers = [(name, decoded(value)) for name, value in row["headers"]]
        producer.produce(spec["topic"], key=decoded(row["key"]), value=decoded(row["value"]), headers=headers,
                         on_delivery=on_delivery)
    deadline = time.time() + 20
    while len(producer) and not refusals and time.time() < deadline:
        producer.poll(0.1)
    if refusals or failed or len(producer):
        sys.exit(f"not produced: {refusals} {failed} {len(producer)}")


def consume():
    consumer = Consumer(connection(
        group_id="unused", enable_auto_commit=False, check_crcs=True,
        isolation_level="read_committed" if spec.get("committed") else "read_uncommitted",
    ))
    known = consumer.list_topics(timeout=10).topics
    consumer.assign([TopicPartition(t, p, 0) for t in spec["topics"] for p in known[t].partitions])
    seen, deadline = 0, time.time() + 20
    while seen < spec["count"] and time.time() < deadline:
        record = consumer.poll(0.2)
        if record is None:
            continue
        if record.error():
            raise KafkaException(record.error())
        say(topic=record.topic(), partition=record.partition(), offset=record.offset(), key=encoded(record.key()),
            value=encoded(record.value()), headers=[[name, encoded(value)] for name, value in record.headers() or []])
        seen += 1
    consumer.close()


def member():
    consumer = Consumer(connection(
        group_id=spec["group"], auto_offset_reset="earliest", heartbeat_interval_ms=300, session_timeout_ms=6000,
    ))
    consumer.subscribe([spec["topic"]], on_assign=lambda _, given: say(assigned=sorted(p.partition for p in given)))
    while not select.select([sys.stdin], [], [], 0)[0]:
        record = consumer.poll(0.1)
        if record is not None and not record.error():
            say(value=encoded(record.value()))
    consumer.close()


def transact():
    producer = Producer(connection(transactional_id=spec["id"]))
    consumer = Consumer(connection(group_id=spec["group"], enable_auto_commit=False))
    producer.init_transactions(10)
    producer.begin_transaction()
    for value in ("kept-1", "kept-2"):
        producer.produce(spec["topic"], value=value)
    producer.commit_transaction(10)
    producer.begin_transaction()
    producer.produce(spec["topic"], value="dropped")
    producer.flush(10)
    producer.abort_transaction(10)
    producer.begin_transaction()
    producer.produce(spec["topic"], value="last")
    producer.send_offsets_to_transaction(
        [TopicPartition(spec["source"], 0, 7)], consumer.consumer_group_metadata(), 10)
    producer.commit_transaction(10)
    consumer.close()


def step(name, body):
    try:
        body()
        say(step=name)
    except Exception as error:  # every failure is a line of the report
        say(step=name, error=repr(error))


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def administer():
    admin = AdminClient(connection())
    topic = "confluent-admin"

    def all_of(futures):
        return [one.result(10) for one in futures.values()]

    def create():
        all_of(admin.create_topics([NewTopic(topic, 2, 1, config={"retention.ms": "3600000"})]))
        check(len(admin.list_topics(timeout=10).topics[topic].partitions) == 2, "not two partitions")

    def grow():
        all_of(admin.create_partitions([NewPartitions(topic, 3)]))
        check(len(admin.list_topics(timeout=10).topics[topic].partitions) == 3, "not three partitions")

    def configs():
        all_of(admin.alter_configs([ConfigResource("topic", topic, set_config={"retention.ms": "7200000"})]))
        (found,) = all_of(admin.describe_configs([ConfigResource("topic", topic)]))
        check(found["retention.ms"].value == "7200000", found["retention.ms"])

    def delete():
        all_of(admin.delete_topics([topic]))
        check(topic not in admin.list_topics(timeout=10).topics, "the topic is still listed")

    def offsets():
        consumer = Consumer(connection(group_id="confluent-admin"))
        consumer.commit(offsets=[TopicPartition(topic, 1, 42)], asynchronous=False)
        (found,) = consumer.committed([TopicPartition(topic, 1)], 10)
        check(found.offset == 42, found)
        check(consumer.get_watermark_offsets(TopicPartition(topic, 1), 10) == (0, 0), "watermarks")
        consumer.close()
        check("confluent-admin" in [group.id for group in admin.list_groups(timeout=10)], "the group is not listed")

    step("create a topic", create)
    step("add partitions", grow)
    step("alter and describe settings", configs)
    step("commit offsets, list a group", offsets)
    step("delete a topic", delete)


{"produce": produce, "consume": consume, "member": member, "transact": transact, "administer": administer}[spec["do"]]()
