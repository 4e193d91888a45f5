// A member of a share group (KIP-932) for the suite of share groups, by JSON: it prints each record that it is given as a
// line, does with it what the order says, and ends in good order when its stdin ends.
//
//   explicit  says of each record what `acts` has for its value (release, reject, hold), else accepts it
//   implicit  the next poll accepts what the one before gave
//   hold      keeps the records and says nothing: the process is then to be killed, or its lock to end

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;

public class ShareClient {
  static void configure(JsonNode spec) throws Exception {
    try (Admin admin = Admin.create(Client.connection(spec))) {
      List<AlterConfigOp> steps = new ArrayList<>();
      spec.get("configs").fields().forEachRemaining(one -> steps.add(new AlterConfigOp(
          new ConfigEntry(one.getKey(), one.getValue().asText()), AlterConfigOp.OpType.SET)));
      ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, spec.get("group").asText());
      admin.incrementalAlterConfigs(Map.of(group, steps)).all().get();
    }
  }

  /** The group begins anew at the offset, in partition 0; prints where it begins then. */
  static void reset(JsonNode spec) throws Exception {
    String group = spec.get("group").asText();
    try (Admin admin = Admin.create(Client.connection(spec))) {
      TopicPartition partition = new TopicPartition(spec.get("topic").asText(), 0);
      admin.alterShareGroupOffsets(group, Map.of(partition, spec.get("offset").asLong())).all().get();
      long now = admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
          .partitionsToOffsetAndMetadata(group).get().get(partition).offset();
      Client.say(Client.JSON.createObjectNode().put("offset", now));
    }
  }

  static void member(JsonNode spec) throws Exception {
    boolean explicit = spec.get("mode").asText().equals("explicit");
    JsonNode acts = spec.path("acts");
    Properties settings = Client.connection(spec);
    settings.put("group.id", spec.get("group").asText());
    settings.put("share.acknowledgement.mode", spec.get("mode").asText());
    settings.put("max.poll.records", spec.path("maxPollRecords").asInt(500));
    try (KafkaShareConsumer<String, String> consumer =
        new KafkaShareConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.setAcknowledgementCommitCallback((offsets, error) -> {
        if (error != null) Client.say(Client.JSON.createObjectNode().put("error", error.getClass().getSimpleName()));
      });
      consumer.subscribe(List.of(spec.get("topic").asText()));
      Client.say(Client.JSON.createObjectNode().put("ready", true));
      while (System.in.available() == 0) {
        boolean holds = false;
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
          ObjectNode row = Client.JSON.createObjectNode().put("value", record.value()).put("offset", record.offset());
          Client.say(row.put("deliveries", record.deliveryCount().orElse((short) 0)));
          if (!explicit) continue;
          switch (acts.path(record.value()).asText("accept")) {
            case "hold" -> holds = true;
            case "release" -> consumer.acknowledge(record, record.deliveryCount().orElse((short) 0) > 1
                ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE);
            case "reject" -> consumer.acknowledge(record, AcknowledgeType.REJECT);
            default -> consumer.acknowledge(record, AcknowledgeType.ACCEPT);
          }
        }
        if (holds) while (System.in.available() == 0) Thread.sleep(20);
        else consumer.commitSync().values().forEach(error -> error.ifPresent(one ->
            Client.say(Client.JSON.createObjectNode().put("error", one.getClass().getSimpleName()))));
      }
    }
  }
}
