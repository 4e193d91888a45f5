// RabbitMQ's Java client where an administrator acts: one line of JSON for each case, with the error of those that failed.

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

public final class AmqpAdmin {
  private interface Body {
    void run() throws Exception;
  }

  private static String url;
  private static String api;

  public static void main(String[] args) throws Exception {
    url = args[0];
    api = args[1];
    run("permissions in a virtual host of its own: what is refused closes the channel (403)", AmqpAdmin::permissions);
    run("blocked and unblocked reach their listener, and confirms come after it", AmqpAdmin::blocked);
    System.exit(0);
  }

  private static void run(String title, Body body) {
    String error = null;
    try {
      body.run();
    } catch (Throwable thrown) {
      error = thrown.toString() + (thrown.getCause() == null ? "" : ": " + thrown.getCause());
    }
    String told = error == null ? "" : ",\"error\":\"" + escaped(error) + "\"";
    System.out.println("{\"case\":\"" + escaped(title) + "\"" + told + "}");
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ");
  }

  private static String ask(String method, String path, String body) throws Exception {
    String login = Base64.getEncoder().encodeToString("guest:guest".getBytes("UTF-8"));
    HttpRequest request = HttpRequest.newBuilder(URI.create(api + "/" + path))
        .header("authorization", "Basic " + login)
        .method(method, HttpRequest.BodyPublishers.ofString(body))
        .build();
    HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() >= 300) throw new AssertionError(path + ": " + answer.statusCode() + " " + answer.body());
    return answer.body();
  }

  private static ConnectionFactory factory() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(url);
    return factory;
  }

  private static void permissions() throws Exception {
    ask("PUT", "vhosts/java", "{}");
    ask("PUT", "users/duke", "{\"password\":\"pw\",\"tags\":\"\"}");
    ask("PUT", "permissions/java/duke", "{\"configure\":\"^d-\",\"write\":\"^d-\",\"read\":\"^d-\"}");
    ConnectionFactory factory = factory();
    factory.setVirtualHost("java");
    factory.setUsername("duke");
    factory.setPassword("pw");
    try (Connection connection = factory.newConnection()) {
      Channel channel = connection.createChannel();
      channel.queueDeclare("d-1", false, false, false, null);
      refused(connection, it -> it.queueDeclare("other", false, false, false, null));
      refused(connection, it -> it.queueBind("d-1", "amq.direct", "k"));
      refused(connection, it -> it.basicGet("other", true));
      channel.queueDeclarePassive("d-1");
    }
    ask("DELETE", "vhosts/java", "");
  }

  private interface Act {
    void on(Channel channel) throws IOException;
  }

  private static void refused(Connection connection, Act act) throws Exception {
    try {
      act.on(connection.createChannel());
    } catch (IOException error) {
      String said = String.valueOf(((ShutdownSignalException) error.getCause()).getReason());
      if (!said.contains("reply-code=403")) throw new AssertionError(said);
      return;
    }
    throw new AssertionError("it was allowed");
  }

  private static void blocked() throws Exception {
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    String nodes = ask("GET", "nodes", "");
    String node = nodes.replaceAll("(?s).*?\"name\":\"(posthorn@[^\"]*)\".*", "$1");
    String watermark = "nodes/" + node + "/memory-high-watermark";
    try (Connection connection = factory().newConnection()) {
      connection.addBlockedListener(told::add, () -> told.add("unblocked"));
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      String queue = channel.queueDeclare().getQueue();
      channel.basicPublish("", queue, null, new byte[1]);
      channel.waitForConfirmsOrDie(10_000);
      ask("PUT", watermark, "{\"value\":0}");
      same(told.poll(10, TimeUnit.SECONDS), "low on memory");
      channel.basicPublish("", queue, null, new byte[1]);
      ask("PUT", watermark, "{\"value\":null}");
      same(told.poll(10, TimeUnit.SECONDS), "unblocked");
      channel.waitForConfirmsOrDie(10_000);
      same(channel.messageCount(queue), 2L);
    } finally {
      ask("PUT", watermark, "{\"value\":null}");
    }
  }

  private static void same(Object found, Object expected) {
    if (!expected.equals(found)) throw new AssertionError("found " + found + " instead of " + expected);
  }
}
