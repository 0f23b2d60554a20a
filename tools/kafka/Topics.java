package rondo;

import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.config.ConfigResource;
import org.yaml.snakeyaml.Yaml;

/**
 * Makes the topics of a broker what a file of Strimzi's KafkaTopics says: those that are missing, partitions that are missing,
 * and settings. Topics that the file doesn't name are left alone, and no partition is ever taken away.
 *
 * <p>{@code Topics <bootstrap servers> <topics.yaml>}
 */
public final class Topics {
  private record Topic(String name, int partitions, Map<String, String> config) {
    static Topic of(Map<?, ?> resource) {
      Map<?, ?> spec = (Map<?, ?>) resource.get("spec");
      String name = (String) ((Map<?, ?>) resource.get("metadata")).get("name");
      Map<String, String> config = new HashMap<>();
      if (spec.get("config") instanceof Map<?, ?> settings) {
        settings.forEach((key, value) -> config.put(key.toString(), value.toString()));
      }
      return new Topic(name, (Integer) spec.get("partitions"), config);
    }
  }

  private Topics() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 2) {
      System.err.println("Topics <bootstrap servers> <topics.yaml>");
      System.exit(2);
    }
    List<Topic> wanted = read(Path.of(arguments[1]));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0], "request.timeout.ms", "20000"))) {
      create(admin, wanted);
      extend(admin, wanted);
      configure(admin, wanted);
    }
  }

  private static List<Topic> read(Path file) throws Exception {
    List<Topic> topics = new ArrayList<>();
    try (Reader reader = Files.newBufferedReader(file)) {
      for (Object document : new Yaml().loadAll(reader)) {
        if (document instanceof Map<?, ?> resource && "KafkaTopic".equals(resource.get("kind"))) {
          topics.add(Topic.of(resource));
        }
      }
    }
    return topics;
  }

  private static void create(Admin admin, List<Topic> wanted) throws Exception {
    var there = admin.listTopics().names().get();
    List<NewTopic> missing = new ArrayList<>();
    for (Topic topic : wanted) {
      if (!there.contains(topic.name())) {
        missing.add(new NewTopic(topic.name(), Optional.of(topic.partitions()), Optional.empty()).configs(topic.config()));
      }
    }
    admin.createTopics(missing).all().get();
  }

  private static void extend(Admin admin, List<Topic> wanted) throws Exception {
    Map<String, TopicDescription> found =
        admin.describeTopics(wanted.stream().map(Topic::name).toList()).allTopicNames().get();
    Map<String, NewPartitions> more = new HashMap<>();
    for (Topic topic : wanted) {
      if (found.get(topic.name()).partitions().size() < topic.partitions()) {
        more.put(topic.name(), NewPartitions.increaseTo(topic.partitions()));
      }
    }
    admin.createPartitions(more).all().get();
  }

  private static void configure(Admin admin, List<Topic> wanted) throws Exception {
    Map<ConfigResource, java.util.Collection<AlterConfigOp>> changes = new HashMap<>();
    for (Topic topic : wanted) {
      List<AlterConfigOp> settings = new ArrayList<>();
      topic.config().forEach((name, value) ->
          settings.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET)));
      changes.put(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()), settings);
    }
    admin.incrementalAlterConfigs(changes).all().get();
  }
}
