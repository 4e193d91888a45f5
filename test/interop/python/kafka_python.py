"""kafka-python under test. One JSON object as the argument says what to do; see client.ts for the words."""

import base64
import json
import select
import sys
import time

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic
from kafka.consumer.subscription_state import ConsumerRebalanceListener

spec = json.loads(sys.argv[1])


def connection():
    given = {"bootstrap_servers": spec["bootstrap"]}
    security = spec.get("security")
    if security:
        given.update(
            security_protocol="SASL_SSL",
            sasl_mechanism=security["mechanism"],
            sasl_plain_username=security["username"],
            sasl_plain_password=security["password"],
            ssl_cafile=security["ca"],
            api_version_auto_timeout_ms=5000,
        )
    return given


def decoded(text):
    return None if text is None else base64.b64decode(text)


def encoded(data):
    return None if data is None else base64.b64encode(data).decode()


def say(**fields):
    print(json.dumps(fields), flush=True)


def produce():
    codec = spec["codec"]
    producer = KafkaProducer(
        acks="all", linger_ms=20, compression_type=None if codec == "none" else codec, **connection()
    )
    sent = []
    for line in sys.stdin:
        row = json.loads(line)
        headers = [(name, decoded(value)) for name, value in row["headers"]]
        sent.append(producer.send(spec["topic"], key=decoded(row["key"]), value=decoded(row["value"]), headers=headers))
    producer.flush(20)
    for one in sent:
        one.get(20)
    producer.close()


def consume():
    consumer = KafkaConsumer(
        auto_offset_reset="earliest", consumer_timeout_ms=20000, check_crcs=True,
        max_partition_fetch_bytes=1 << 22, **connection()
    )
    consumer.assign([TopicPartition(t, p) for t in spec["topics"] for p in (consumer.partitions_for_topic(t) or [0])])
    seen = 0
    for record in consumer:
        say(topic=record.topic, partition=record.partition, offset=record.offset, key=encoded(record.key),
            value=encoded(record.value), headers=[[name, encoded(value)] for name, value in record.headers])
        seen += 1
        if seen == spec["count"]:
            break
    consumer.close()


class Told(ConsumerRebalanceListener):
    def on_partitions_revoked(self, revoked):
        pass

    def on_partitions_assigned(self, assigned):
        say(assigned=sorted(one.partition for one in assigned))


def member():
    consumer = KafkaConsumer(
        group_id=spec["group"], auto_offset_reset="earliest", heartbeat_interval_ms=300, session_timeout_ms=6000,
        **connection()
    )
    consumer.subscribe([spec["topic"]], listener=Told())
    while not select.select([sys.stdin], [], [], 0)[0]:
        for records in consumer.poll(timeout_ms=100).values():
            for record in records:
                say(value=encoded(record.value))
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
    admin = KafkaAdminClient(**connection())
    topic = "kafka-python-admin"
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)

    def create():
        admin.create_topics([NewTopic(topic, 2, 1, topic_configs={"retention.ms": "3600000"})])
        check(topic in admin.list_topics(), "the topic is not listed")

    def describe():
        (found,) = admin.describe_topics([topic])
        check(len(found["partitions"]) == 2, found)

    def grow():
        admin.create_partitions({topic: NewPartitions(3)})
        check(len(admin.describe_topics([topic])[0]["partitions"]) == 3, "not three partitions")

    def configs():
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "7200000"})])
        deadline = time.time() + 5
        while "7200000" not in str(admin.describe_configs([resource])):
            check(time.time() < deadline, "the setting did not change")

    def groups():
        consumer = KafkaConsumer(topic, group_id="kafka-python-admin", auto_offset_reset="earliest", **connection())
        consumer.poll(timeout_ms=3000)
        consumer.commit()
        consumer.close()
        check(("kafka-python-admin", "consumer") in admin.list_consumer_groups(), "the group is not listed")
        (found,) = admin.describe_consumer_groups(["kafka-python-admin"])
        check(found.state == "Empty", found)
        check(len(admin.list_consumer_group_offsets("kafka-python-admin")) == 3, "not three offsets")
        ((_, error),) = admin.delete_consumer_groups(["kafka-python-admin"])
        check(error.errno == 0, error)

    def delete():
        admin.delete_topics([topic])
        check(topic not in admin.list_topics(), "the topic is still listed")

    step("create a topic", create)
    step("describe a topic", describe)
    step("add partitions", grow)
    step("alter and describe settings", configs)
    step("list, describe and delete a group", groups)
    step("describe the cluster", lambda: check(admin.describe_cluster()["brokers"], "no brokers"))
    step("delete a topic", delete)
    admin.close()


{"produce": produce, "consume": consume, "member": member, "administer": administer}[spec["do"]]()
