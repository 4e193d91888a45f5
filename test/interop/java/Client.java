// Kafka's own Java client under test. One JSON object as the argument says what to do; see client.ts for the words.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Client {
  static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    JsonNode spec = JSON.readTree(args[0]);
    switch (spec.get("do").asText()) {
      case "produce" -> produce(spec);
      case "consume" -> consume(spec);
      case "member" -> member(spec);
      case "transact" -> transact(spec);
      case "administer" -> Administer.run(spec);
      case "configure-group" -> ShareClient.configure(spec);
      case "reset-group" -> ShareClient.reset(spec);
      case "share" -> ShareClient.member(spec);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  /** Where to connect to, and how to log in. */
  static Properties connection(JsonNode spec) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", spec.get("bootstrap").asText());
    JsonNode security = spec.get("security");
    if (security == null) return settings;
    String mechanism = security.get("mechanism").asText();
    String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
    settings.put("security.protocol", "SASL_SSL");
    settings.put("sasl.mechanism", mechanism);
    settings.put("sasl.jaas.config", String.format(
        "org.apache.kafka.common.security.%s required username=\"%s\" password=\"%s\";",
        module, security.get("username").asText(), security.get("password").asText()));
    settings.put("ssl.truststore.type", "PEM");
    settings.put("ssl.truststore.location", security.get("ca").asText());
    return settings;
  }

  private static KafkaProducer<byte[], byte[]> producer(Properties settings) {
    settings.put("delivery.timeout.ms", "20000");
    settings.put("request.timeout.ms", "10000");
    settings.put("max.block.ms", "10000");
    settings.put("linger.ms", "20");
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static void produce(JsonNode spec) throws Exception {
    Properties settings = connection(spec);
    settings.put("compression.type", spec.get("codec").asText());
    settings.put("enable.idempotence", spec.get("idempotent").asBoolean());
    try (KafkaProducer<byte[], byte[]> producer = producer(settings)) {
      List<Future<?>> sent = new ArrayList<>();
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        JsonNode row = JSON.readTree(line);
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(spec.get("topic").asText(), decoded(row.get("key")), decoded(row.get("value")));
        for (JsonNode header : row.get("headers")) record.headers().add(header.get(0).asText(), decoded(header.get(1)));
        sent.add(producer.send(record));
      }
      for (Future<?> one : sent) one.get(20, TimeUnit.SECONDS);
    }
  }

  private static KafkaConsumer<byte[], byte[]> consumer(Properties settings) {
    settings.put("auto.offset.reset", "earliest");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static void consume(JsonNode spec) throws Exception {
    Properties settings = connection(spec);
    settings.put("isolation.level", spec.get("committed").asBoolean() ? "read_committed" : "read_uncommitted");
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(settings)) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (JsonNode topic : spec.get("topics"))
        consumer.partitionsFor(topic.asText()).forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      int left = spec.get("count").asInt();
      for (long end = System.nanoTime() + 20_000_000_000L; left > 0 && System.nanoTime() < end; ) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          print(record);
          left--;
        }
      }
    }
  }

  private static void member(JsonNode spec) throws Exception {
    Properties settings = connection(spec);
    settings.put("group.id", spec.get("group").asText());
    settings.put("group.protocol", spec.get("protocol").asText());
    if (spec.get("protocol").asText().equals("classic")) {
      settings.put("heartbeat.interval.ms", "300");
      settings.put("session.timeout.ms", "6000");
    }
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(settings)) {
      consumer.subscribe(List.of(spec.get("topic").asText()));
      String before = null;
      while (System.in.available() == 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100)))
          say(JSON.createObjectNode().put("value", encoded(record.value())));
        ObjectNode event = JSON.createObjectNode();
        ArrayNode list = event.putArray("assigned");
        consumer.assignment().stream().map(TopicPartition::partition).sorted().forEach(list::add);
        if (event.toString().equals(before) || (before == null && list.isEmpty())) continue;
        before = event.toString();
        say(event);
      }
    }
  }

  private static void transact(JsonNode spec) throws Exception {
    Properties settings = connection(spec);
    settings.put("transactional.id", spec.get("id").asText());
    String topic = spec.get("topic").asText();
    try (KafkaProducer<byte[], byte[]> producer = producer(settings)) {
      producer.initTransactions();
      producer.beginTransaction();
      for (String value : List.of("kept-1", "kept-2")) producer.send(new ProducerRecord<>(topic, value.getBytes()));
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "dropped".getBytes())).get();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "last".getBytes()));
      producer.sendOffsetsToTransaction(
          Map.of(new TopicPartition(spec.get("source").asText(), 0), new OffsetAndMetadata(7)),
          new ConsumerGroupMetadata(spec.get("group").asText()));
      producer.commitTransaction();
    }
  }

  private static void print(ConsumerRecord<byte[], byte[]> record) {
    ObjectNode row = JSON.createObjectNode();
    row.put("topic", record.topic()).put("partition", record.partition()).put("offset", record.offset());
    row.put("key", encoded(record.key())).put("value", encoded(record.value()));
    ArrayNode headers = row.putArray("headers");
    for (Header header : record.headers()) headers.addArray().add(header.key()).add(encoded(header.value()));
    say(row);
  }

  static void say(ObjectNode row) {
    System.out.println(row);
    System.out.flush();
  }

  private static byte[] decoded(JsonNode text) {
    return text.isNull() ? null : Base64.getDecoder().decode(text.asText());
  }

  private static String encoded(byte[] bytes) {
    return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
  }
}
