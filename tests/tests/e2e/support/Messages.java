import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Says what the topics of a broker have. Each line that comes in is answered by all that was published since the last, a line each
 * (topic, partition, offset, key, value, with the last two in Base64), and an empty line.
 *
 * <p>{@code java -cp 'lib/*' Messages.java <bootstrap servers>}
 */
final class Messages {
  public static void main(String[] arguments) throws Exception {
    var bytes = new ByteArrayDeserializer();
    try (var consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", arguments[0]), bytes, bytes);
        var questions = new BufferedReader(new InputStreamReader(System.in))) {
      List<TopicPartition> partitions =
          consumer.listTopics().values().stream()
              .flatMap(List::stream)
              .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
              .filter(partition -> !partition.topic().startsWith("__"))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (questions.readLine() != null) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
          consumer.poll(Duration.ofMillis(100)).forEach(Messages::print);
        }
        System.out.println();
      }
    }
  }

  private static void print(ConsumerRecord<byte[], byte[]> record) {
    System.out.printf(
        "%s %d %d %s %s%n", record.topic(), record.partition(), record.offset(), text(record.key()), text(record.value()));
  }

  /** A dash where there is nothing. */
  private static String text(byte[] bytes) {
    return bytes == null ? "-" : Base64.getEncoder().encodeToString(bytes);
  }
}
