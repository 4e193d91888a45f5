// RabbitMQ's Java client, case by case: one line of JSON each, with the error of those that failed.

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AlreadyClosedException;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DeliverCallback;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.RpcClient;
import com.rabbitmq.client.RpcClientParams;
import com.rabbitmq.client.RpcServer;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

public final class AmqpCases {
  private interface Body {
    void run(Connection connection, Channel channel) throws Exception;
  }

  private static String url;

  public static void main(String[] args) throws Exception {
    url = args[0];
    run("publishes confirmed, one by one and together", AmqpCases::confirms);
    run("consumes with prefetch, acknowledges several, requeues in place", AmqpCases::settles);
    run("mandatory messages come back", AmqpCases::returns);
    run("transactions: committed and rolled back", AmqpCases::transactions);
    run("properties and headers of every type come back as they were", AmqpCases::fields);
    run("errors close the channel with their code", AmqpCases::refusals);
    run("an exclusive queue is locked to other connections (405)", AmqpCases::exclusive);
    run("RpcClient and RpcServer over direct reply-to", AmqpCases::rpc);
    run("recover gives everything back", AmqpCases::recover);
    run("a consumer hears that its queue is gone", AmqpCases::cancels);
    run("the connection recovers by itself when it breaks, with its consumer", AmqpCases::recovers);
    run("a wrong password is an AuthenticationFailureException", AmqpCases::password);
    System.exit(0);
  }

  private static ConnectionFactory factory() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(url);
    factory.setNetworkRecoveryInterval(100);
    return factory;
  }

  private static void run(String title, Body body) {
    String error = null;
    try (Connection connection = factory().newConnection()) {
      body.run(connection, connection.createChannel());
    } catch (Throwable thrown) {
      error = thrown.toString() + (thrown.getCause() == null ? "" : ": " + thrown.getCause());
    }
    String told = error == null ? "" : ",\"error\":\"" + escaped(error) + "\"";
    System.out.println("{\"case\":\"" + escaped(title) + "\"" + told + "}");
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", " ");
  }

  private static void same(Object found, Object expected, String what) {
    if (!expected.equals(found)) throw new AssertionError(what + ": found " + found + " instead of " + expected);
  }

  private static String own(Channel channel) throws IOException {
    return channel.queueDeclare().getQueue();
  }

  private static void send(Channel channel, String queue, String text) throws IOException {
    channel.basicPublish("", queue, null, text.getBytes("UTF-8"));
  }

  private static BlockingQueue<Delivery> consume(Channel channel, String queue, boolean autoAck) throws IOException {
    BlockingQueue<Delivery> found = new LinkedBlockingQueue<>();
    DeliverCallback deliver = (tag, delivery) -> found.add(delivery);
    channel.basicConsume(queue, autoAck, deliver, tag -> {});
    return found;
  }

  private static Delivery take(BlockingQueue<Delivery> from) throws Exception {
    Delivery found = from.poll(10, TimeUnit.SECONDS);
    if (found == null) throw new AssertionError("no message came");
    return found;
  }

  private static void confirms(Connection connection, Channel channel) throws Exception {
    String queue = own(channel);
    channel.confirmSelect();
    send(channel, queue, "first");
    channel.waitForConfirmsOrDie(10_000);
    for (int n = 0; n < 1000; n++) send(channel, queue, "more");
    channel.waitForConfirmsOrDie(10_000);
    same(channel.messageCount(queue), 1001L, "messages");
    same(channel.queuePurge(queue).getMessageCount(), 1001, "purged");
  }

  private static void settles(Connection connection, Channel channel) throws Exception {
    String queue = own(channel);
    for (String text : List.of("0", "1", "2", "3")) send(channel, queue, text);
    channel.basicQos(3);
    BlockingQueue<Delivery> found = consume(channel, queue, false);
    take(found);
    long second = take(found).getEnvelope().getDeliveryTag();
    long third = take(found).getEnvelope().getDeliveryTag();
    channel.basicNack(third, false, true);
    Delivery again = take(found);
    same(new String(again.getBody()), "2", "after the requeue");
    same(again.getEnvelope().isRedeliver(), true, "redelivered");
    channel.basicAck(second, true);
    same(new String(take(found).getBody()), "3", "the next");
  }

  private static void returns(Connection connection, Channel channel) throws Exception {
    BlockingQueue<Integer> codes = new LinkedBlockingQueue<>();
    channel.addReturnListener(back -> codes.add(back.getReplyCode()));
    channel.basicPublish("amq.direct", "nobody", true, null, new byte[] {1});
    same(codes.poll(10, TimeUnit.SECONDS), AMQP.NO_ROUTE, "code");
  }

  private static void transactions(Connection connection, Channel channel) throws Exception {
    String queue = own(channel);
    channel.txSelect();
    send(channel, queue, "dropped");
    channel.txRollback();
    send(channel, queue, "kept");
    channel.txCommit();
    GetResponse found = channel.basicGet(queue, false);
    same(new String(found.getBody()), "kept", "body");
    channel.basicAck(found.getEnvelope().getDeliveryTag(), false);
    channel.txRollback();
    channel.close();
    Channel other = connection.createChannel();
    same(other.messageCount(queue), 1L, "after the rolled back acknowledgement");
  }

  private static void fields(Connection connection, Channel channel) throws Exception {
    String queue = own(channel);
    Map<String, Object> headers =
        Map.of(
            "int", 7, "long", 1L << 60, "short", (short) -2, "byte", (byte) -1, "float", 1.5f, "double", 2.5,
            "bool", true, "time", new Date(1_700_000_000_000L), "decimal", new BigDecimal("3.14"),
            "table", Map.of("a", 1));
    AMQP.BasicProperties properties =
        new AMQP.BasicProperties.Builder()
            .headers(headers).contentType("t").contentEncoding("e").deliveryMode(2).priority(3)
            .correlationId("c").replyTo("r").expiration("60000").messageId("m")
            .timestamp(new Date(1_700_000_000_000L)).type("ty").userId("guest").appId("a").build();
    channel.basicPublish("", queue, properties, new byte[0]);
    GetResponse found = channel.basicGet(queue, true);
    same(found.getProps().getHeaders().size(), headers.size(), "headers");
    for (Map.Entry<String, Object> one : headers.entrySet()) {
      Object value = found.getProps().getHeaders().get(one.getKey());
      if (one.getKey().equals("table")) same(value.toString(), "{a=1}", "table");
      else same(value, one.getValue(), one.getKey());
    }
    StringBuilder before = new StringBuilder();
    StringBuilder after = new StringBuilder();
    properties.builder().headers(null).build().appendPropertyDebugStringTo(before);
    found.getProps().builder().headers(null).build().appendPropertyDebugStringTo(after);
    same(after.toString(), before.toString(), "properties");
  }

  private static int codeOf(Throwable thrown) {
    Throwable at = thrown;
    while (at != null && !(at instanceof ShutdownSignalException)) at = at.getCause();
    if (at == null) return 0;
    Object reason = ((ShutdownSignalException) at).getReason();
    if (reason instanceof AMQP.Channel.Close) return ((AMQP.Channel.Close) reason).getReplyCode();
    return reason instanceof AMQP.Connection.Close ? ((AMQP.Connection.Close) reason).getReplyCode() : 0;
  }

  private interface Act {
    void on(Channel channel) throws Exception;
  }

  private static void refusals(Connection connection, Channel unused) throws Exception {
    Map<Act, Integer> acts =
        Map.of(
            channel -> channel.queueDeclarePassive("nowhere"), 404,
            channel -> channel.queueDeclare("amq.mine", true, false, false, null), 403,
            channel -> channel.exchangeDeclare("amq.direct", "fanout", true), 406,
            channel -> channel.exchangeDelete("amq.direct"), 403,
            channel -> channel.basicGet("nowhere", true), 404);
    for (Map.Entry<Act, Integer> one : acts.entrySet()) {
      Channel channel = connection.createChannel();
      try {
        one.getKey().on(channel);
        throw new AssertionError(one.getValue() + " was not answered");
      } catch (IOException | AlreadyClosedException refused) {
        same(codeOf(refused), one.getValue(), "code");
      }
    }
  }

  private static void exclusive(Connection connection, Channel channel) throws Exception {
    String queue = own(channel);
    try (Connection other = factory().newConnection()) {
      other.createChannel().queueDeclarePassive(queue);
      throw new AssertionError("it was found");
    } catch (IOException refused) {
      same(codeOf(refused), 405, "code");
    }
  }

  private static void rpc(Connection connection, Channel channel) throws Exception {
    String queue = own(channel);
    RpcServer server =
        new RpcServer(channel, queue) {
          @Override
          public byte[] handleCall(byte[] request, AMQP.BasicProperties replyProperties) {
            return ("re: " + new String(request)).getBytes();
          }
        };
    Thread serving =
        new Thread(
            () -> {
              try {
                server.mainloop();
              } catch (Exception ended) {
                // the connection is closed under it
              }
            });
    serving.setDaemon(true);
    serving.start();
    Channel asking = connection.createChannel();
    RpcClient client = new RpcClient(new RpcClientParams().channel(asking).exchange("").routingKey(queue).timeout(10_000));
    same(client.stringCall("?"), "re: ?", "answer");
    client.close();
  }

  private static void recover(Connection connection, Channel channel) throws Exception {
    String queue = own(channel);
    send(channel, queue, "x");
    BlockingQueue<Delivery> found = consume(channel, queue, false);
    take(found);
    channel.basicRecover(true);
    same(take(found).getEnvelope().isRedeliver(), true, "redelivered");
  }

  private static void cancels(Connection connection, Channel channel) throws Exception {
    String queue = own(channel);
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    channel.basicConsume(queue, true, "mine", (tag, delivery) -> {}, heard::add);
    connection.createChannel().queueDelete(queue);
    same(heard.poll(10, TimeUnit.SECONDS), "mine", "the cancelled consumer");
  }

  private static void recovers(Connection connection, Channel channel) throws Exception {
    String queue = "java-recovers-" + System.nanoTime();
    channel.queueDeclare(queue, true, false, false, null);
    BlockingQueue<Delivery> found = consume(channel, queue, true);
    try {
      channel.basicPublish("", queue, true, true, null, new byte[0]); // immediate: 540 closes the connection
    } catch (AlreadyClosedException closed) {
      // as it should
    }
    try (Connection other = factory().newConnection()) {
      Channel sending = other.createChannel();
      send(sending, queue, "after");
      same(new String(take(found).getBody()), "after", "message");
      sending.queueDelete(queue);
    }
  }

  private static void password(Connection connection, Channel channel) throws Exception {
    ConnectionFactory wrong = factory();
    wrong.setPassword("wrong");
    try {
      wrong.newConnection().close();
    } catch (AuthenticationFailureException refused) {
      return;
    }
    throw new AssertionError("it was let in");
  }
}
