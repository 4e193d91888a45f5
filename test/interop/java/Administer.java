// Kafka's own admin client against the broker: each step a line of the report.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ElectionNotNeededException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.resource.*;
import org.apache.kafka.common.serialization.StringSerializer;

class Administer {
  private static final String TOPIC = "java-admin";
  private static final String GROUP = "java-admin";
  private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);

  interface Body { void run() throws Exception; }

  static void run(JsonNode spec) throws Exception {
    Properties settings = Client.connection(spec);
    settings.put("default.api.timeout.ms", "15000");
    settings.put("request.timeout.ms", "10000");
    try (Admin admin = Admin.create(settings)) {
      step("create a topic with the broker's defaults and settings", () -> create(admin));
      step("create an existing topic is refused", () -> refused(TopicExistsException.class, () ->
          admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get()));
      step("describe a topic", () -> check(
          admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC).partitions().size(), 2));
      step("add partitions", () -> {
        admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(3))).all().get();
        check(admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC).partitions().size(), 3);
      });
      step("alter and describe settings incrementally", () -> configs(admin));
      step("list offsets by end, start, time and highest timestamp", () -> offsets(admin, spec));
      step("delete records", () -> check(
          admin.deleteRecords(Map.of(FIRST, RecordsToDelete.beforeOffset(2))).lowWatermarks().get(FIRST).get()
              .lowWatermark(), 2L));
      step("alter, list and delete a group's offsets", () -> groupOffsets(admin));
      step("list, describe and delete a group", () -> groups(admin));
      step("create, describe and delete ACLs", () -> acls(admin));
      step("create, describe and delete SCRAM users", () -> users(admin));
      step("alter and describe client quotas", () -> quotas(admin));
      step("describe the cluster", () -> check(admin.describeCluster().nodes().get().isEmpty(), false));
      step("describe log directories", () -> check(
          admin.describeLogDirs(List.of(0)).allDescriptions().get().get(0).values().stream()
              .anyMatch(dir -> dir.replicaInfos().containsKey(FIRST)), true));
      step("describe producers", () -> check(
          admin.describeProducers(List.of(FIRST)).partitionResult(FIRST).get().activeProducers().isEmpty(), false));
      step("list and describe transactions, fence a producer", () -> transactions(admin));
      step("describe features and the quorum", () -> {
        admin.describeFeatures().featureMetadata().get();
        check(admin.describeMetadataQuorum().quorumInfo().get().voters().size(), 1);
      });
      step("elect leaders, list reassignments", () -> {
        Map<TopicPartition, Optional<Throwable>> found =
            admin.electLeaders(ElectionType.PREFERRED, Set.of(FIRST)).partitions().get();
        if (found.get(FIRST).isPresent()) check(found.get(FIRST).get().getClass(), ElectionNotNeededException.class);
        check(admin.listPartitionReassignments().reassignments().get().isEmpty(), true);
      });
      step("list settings' resources", () -> admin.listConfigResources().all().get());
      step("delete a topic", () -> {
        admin.deleteTopics(List.of(TOPIC)).all().get();
        check(admin.listTopics().names().get().contains(TOPIC), false);
      });
    }
  }

  private static void create(Admin admin) throws Exception {
    Map<String, String> settings = Map.of("retention.ms", "3600000");
    NewTopic other = new NewTopic(TOPIC + "-defaults", Optional.empty(), Optional.empty());
    admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1).configs(settings), other)).all().get();
    check(admin.listTopics().names().get().containsAll(Set.of(TOPIC, TOPIC + "-defaults")), true);
    admin.deleteTopics(List.of(TOPIC + "-defaults")).all().get();
  }

  private static void configs(Admin admin) throws Exception {
    ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
    alter(admin, topic, "cleanup.policy", "compact", AlterConfigOp.OpType.APPEND);
    check(value(admin, topic, "cleanup.policy"), "delete,compact");
    alter(admin, topic, "cleanup.policy", "compact", AlterConfigOp.OpType.SUBTRACT);
    check(value(admin, topic, "cleanup.policy"), "delete");
    alter(admin, topic, "retention.ms", "", AlterConfigOp.OpType.DELETE);
    check(value(admin, topic, "retention.ms"), "604800000");
  }

  private static void alter(Admin admin, ConfigResource of, String name, String value, AlterConfigOp.OpType how)
      throws Exception {
    Collection<AlterConfigOp> changes = List.of(new AlterConfigOp(new ConfigEntry(name, value), how));
    admin.incrementalAlterConfigs(Map.of(of, changes)).all().get();
  }

  private static String value(Admin admin, ConfigResource of, String name) throws Exception {
    return admin.describeConfigs(List.of(of)).all().get().get(of).get(name).value();
  }

  private static void offsets(Admin admin, JsonNode spec) throws Exception {
    Properties settings = Client.connection(spec);
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      for (long time : List.of(1000L, 3000L, 2000L, 4000L))
        producer.send(new ProducerRecord<>(TOPIC, 0, System.currentTimeMillis() - 10_000 + time, "k", "v")).get();
    }
    check(offset(admin, OffsetSpec.earliest()), 0L);
    check(offset(admin, OffsetSpec.latest()), 4L);
    check(offset(admin, OffsetSpec.maxTimestamp()), 3L);
    check(offset(admin, OffsetSpec.forTimestamp(1)), 0L);
  }

  private static long offset(Admin admin, OffsetSpec of) throws Exception {
    return admin.listOffsets(Map.of(FIRST, of)).partitionResult(FIRST).get().offset();
  }

  private static void groupOffsets(Admin admin) throws Exception {
    TopicPartition second = new TopicPartition(TOPIC, 1);
    admin.alterConsumerGroupOffsets(GROUP, Map.of(
        FIRST, new OffsetAndMetadata(3, Optional.of(0), "note"), second, new OffsetAndMetadata(0))).all().get();
    Map<TopicPartition, OffsetAndMetadata> found =
        admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get();
    check(found.get(FIRST).offset() + found.get(FIRST).metadata(), "3note");
    admin.deleteConsumerGroupOffsets(GROUP, Set.of(second)).all().get();
    check(admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get().size(), 1);
  }

  private static void groups(Admin admin) throws Exception {
    check(admin.listGroups().all().get().stream().anyMatch(group -> group.groupId().equals(GROUP)), true);
    check(admin.describeConsumerGroups(List.of(GROUP)).all().get().get(GROUP).groupState(), GroupState.EMPTY);
    admin.deleteConsumerGroups(List.of(GROUP)).all().get();
    check(admin.listGroups().all().get().stream().anyMatch(group -> group.groupId().equals(GROUP)), false);
  }

  private static void acls(Admin admin) throws Exception {
    AclBinding rule = new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, "guarded-", PatternType.PREFIXED),
        new AccessControlEntry("User:someone", "*", AclOperation.READ, AclPermissionType.ALLOW));
    admin.createAcls(List.of(rule)).all().get();
    check(admin.describeAcls(rule.toFilter()).values().get().size(), 1);
    check(admin.describeAcls(AclBindingFilter.ANY).values().get().contains(rule), true);
    check(admin.deleteAcls(List.of(rule.toFilter())).all().get().size(), 1);
    check(admin.describeAcls(rule.toFilter()).values().get().size(), 0);
  }

  private static void users(Admin admin) throws Exception {
    ScramMechanism mechanism = ScramMechanism.SCRAM_SHA_512;
    admin.alterUserScramCredentials(List.of(
        new UserScramCredentialUpsertion("newcomer", new ScramCredentialInfo(mechanism, 4096), "secret"))).all().get();
    check(admin.describeUserScramCredentials(List.of("newcomer")).all().get().get("newcomer").credentialInfos(),
        List.of(new ScramCredentialInfo(mechanism, 4096)));
    admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("newcomer", mechanism))).all().get();
    check(admin.describeUserScramCredentials().all().get().containsKey("newcomer"), false);
  }

  private static void quotas(Admin admin) throws Exception {
    ClientQuotaEntity who = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, "hasty"));
    ClientQuotaAlteration.Op rate = new ClientQuotaAlteration.Op("producer_byte_rate", 1024.0);
    admin.alterClientQuotas(List.of(new ClientQuotaAlteration(who, List.of(rate)))).all().get();
    check(admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get().get(who).get("producer_byte_rate"), 1024.0);
    ClientQuotaAlteration.Op none = new ClientQuotaAlteration.Op("producer_byte_rate", null);
    admin.alterClientQuotas(List.of(new ClientQuotaAlteration(who, List.of(none)))).all().get();
  }

  private static void transactions(Admin admin) throws Exception {
    admin.fenceProducers(List.of("java-admin-tx")).all().get();
    check(admin.listTransactions().all().get().stream()
        .anyMatch(one -> one.transactionalId().equals("java-admin-tx")), true);
    admin.describeTransactions(List.of("java-admin-tx")).all().get();
  }

  private static void step(String name, Body body) {
    ObjectNode line = Client.JSON.createObjectNode().put("step", name);
    try {
      body.run();
    } catch (Throwable error) {
      Throwable shown = error instanceof ExecutionException ? error.getCause() : error;
      line.put("error", shown.toString());
    }
    Client.say(line);
  }

  private static void check(Object found, Object expected) {
    if (!expected.equals(found)) throw new AssertionError("found " + found + " instead of " + expected);
  }

  private static void refused(Class<? extends Exception> by, Body body) throws Exception {
    try {
      body.run();
    } catch (ExecutionException error) {
      check(error.getCause().getClass(), by);
      return;
    }
    throw new AssertionError("not refused");
  }
}
