// RabbitMQ's Go client, case by case: one line of JSON each, with the error of those that failed.
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

type order struct {
	URL string `json:"url"`
	TLS *struct {
		CA   string `json:"ca"`
		Cert string `json:"cert"`
		Key  string `json:"key"`
		Port int    `json:"port"`
	} `json:"tls"`
}

type result struct {
	Case  string `json:"case"`
	Error string `json:"error,omitempty"`
}

var background = context.Background()

func main() {
	var given order
	if err := json.Unmarshal([]byte(os.Args[1]), &given); err != nil {
		panic(err)
	}
	run(given.URL, "deferred confirms, with a nack of a full queue", confirms)
	run(given.URL, "consume with prefetch, acknowledge several, requeue, redelivered", settles)
	run(given.URL, "mandatory messages come back", returns)
	run(given.URL, "transactions: committed and rolled back", transactions)
	run(given.URL, "every type of field comes back as it was", fields)
	run(given.URL, "errors close the channel with their code", refusals)
	run(given.URL, "a consumer hears that its queue is gone", cancels)
	run(given.URL, "a body of 5 MB", large)
	run(given.URL, "a delayed exchange, and dead letters with x-death", dead)
	run(given.URL, "two hundred channels at once", channels)
	if given.TLS != nil {
		report("EXTERNAL: a client certificate over TLS is the login", external(given))
	}
}

func run(url, title string, body func(*amqp.Connection, *amqp.Channel) error) {
	report(title, func() error {
		connection, err := amqp.Dial(url)
		if err != nil {
			return err
		}
		defer connection.Close()
		channel, err := connection.Channel()
		if err != nil {
			return err
		}
		return body(connection, channel)
	}())
}

func report(title string, err error) {
	told := result{Case: title}
	if err != nil {
		told.Error = err.Error()
	}
	line, _ := json.Marshal(told)
	fmt.Println(string(line))
}

func own(channel *amqp.Channel, arguments amqp.Table) (string, error) {
	queue, err := channel.QueueDeclare("", false, false, true, false, arguments)
	return queue.Name, err
}

func send(channel *amqp.Channel, queue, text string) error {
	return channel.PublishWithContext(background, "", queue, false, false, amqp.Publishing{Body: []byte(text)})
}

func take(deliveries <-chan amqp.Delivery, count int) ([]amqp.Delivery, error) {
	var found []amqp.Delivery
	for len(found) < count {
		select {
		case one, ok := <-deliveries:
			if !ok {
				return nil, errors.New("the consumer ended")
			}
			found = append(found, one)
		case <-time.After(10 * time.Second):
			return nil, fmt.Errorf("%d of %d messages came", len(found), count)
		}
	}
	return found, nil
}

func confirms(_ *amqp.Connection, channel *amqp.Channel) error {
	if err := channel.Confirm(false); err != nil {
		return err
	}
	queue, err := own(channel, amqp.Table{"x-max-length": 2, "x-overflow": "reject-publish"})
	if err != nil {
		return err
	}
	for n := 0; n < 3; n++ {
		confirmation, err := channel.PublishWithDeferredConfirm("", queue, false, false, amqp.Publishing{})
		if err != nil {
			return err
		}
		if acked := confirmation.Wait(); acked != (n < 2) {
			return fmt.Errorf("message %d: acknowledged %v", n, acked)
		}
	}
	return nil
}

func settles(_ *amqp.Connection, channel *amqp.Channel) error {
	queue, err := own(channel, nil)
	if err != nil {
		return err
	}
	for n := 0; n < 6; n++ {
		if err := send(channel, queue, fmt.Sprint(n)); err != nil {
			return err
		}
	}
	if err := channel.Qos(3, 0, false); err != nil {
		return err
	}
	deliveries, err := channel.Consume(queue, "own", false, false, false, false, nil)
	if err != nil {
		return err
	}
	found, err := take(deliveries, 3)
	if err != nil {
		return err
	}
	if err := found[1].Ack(true); err != nil {
		return err
	}
	if err := found[2].Nack(false, true); err != nil {
		return err
	}
	found, err = take(deliveries, 1)
	if err != nil {
		return err
	}
	if string(found[0].Body) != "2" || !found[0].Redelivered {
		return fmt.Errorf("after the requeue came %s, redelivered %v", found[0].Body, found[0].Redelivered)
	}
	return channel.Cancel("own", false)
}

func returns(_ *amqp.Connection, channel *amqp.Channel) error {
	back := channel.NotifyReturn(make(chan amqp.Return, 1))
	err := channel.PublishWithContext(background, "amq.direct", "nobody", true, false, amqp.Publishing{Body: []byte("x")})
	if err != nil {
		return err
	}
	select {
	case one := <-back:
		if one.ReplyCode != amqp.NoRoute || string(one.Body) != "x" {
			return fmt.Errorf("it came back with %d and %q", one.ReplyCode, one.Body)
		}
		return nil
	case <-time.After(5 * time.Second):
		return errors.New("nothing came back")
	}
}

func transactions(_ *amqp.Connection, channel *amqp.Channel) error {
	queue, err := own(channel, nil)
	if err != nil {
		return err
	}
	steps := []func() error{
		channel.Tx,
		func() error { return send(channel, queue, "dropped") },
		channel.TxRollback,
		func() error { return send(channel, queue, "kept") },
		channel.TxCommit,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	message, ok, err := channel.Get(queue, true)
	if err != nil || !ok || string(message.Body) != "kept" || message.MessageCount != 0 {
		return fmt.Errorf("found %q, %v, %d more, %v", message.Body, ok, message.MessageCount, err)
	}
	return nil
}

func fields(_ *amqp.Connection, channel *amqp.Channel) error {
	queue, err := own(channel, nil)
	if err != nil {
		return err
	}
	headers := amqp.Table{
		"bool": true, "byte": int8(-1), "ubyte": byte(255), "short": int16(-2), "int": int32(-3),
		"long": int64(1) << 60, "float": float32(1.5), "double": 2.5, "text": "ü", "nil": nil,
		"bytes": []byte{0, 255}, "time": time.Unix(1_700_000_000, 0), "decimal": amqp.Decimal{Scale: 2, Value: 314},
		"table": amqp.Table{"a": int32(1)}, "list": []interface{}{int32(1), "two"},
	}
	if err := channel.PublishWithContext(background, "", queue, false, false, amqp.Publishing{Headers: headers}); err != nil {
		return err
	}
	message, ok, err := channel.Get(queue, true)
	if err != nil || !ok {
		return fmt.Errorf("no message: %v", err)
	}
	for name, value := range headers {
		if found := message.Headers[name]; fmt.Sprintf("%T %v", found, found) != fmt.Sprintf("%T %v", value, value) {
			return fmt.Errorf("%s: %T %v instead of %T %v", name, found, found, value, value)
		}
	}
	return nil
}

func refusals(connection *amqp.Connection, _ *amqp.Channel) error {
	acts := map[int]func(*amqp.Channel) error{
		404: func(c *amqp.Channel) error {
			_, err := c.QueueDeclarePassive("nowhere", true, false, false, false, nil)
			return err
		},
		403: func(c *amqp.Channel) error {
			_, err := c.QueueDeclare("amq.mine", true, false, false, false, nil)
			return err
		},
		406: func(c *amqp.Channel) error {
			return c.ExchangeDeclare("amq.direct", "fanout", true, false, false, false, nil)
		},
	}
	for code, act := range acts {
		channel, err := connection.Channel()
		if err != nil {
			return err
		}
		var refused *amqp.Error
		if err := act(channel); !errors.As(err, &refused) || refused.Code != code {
			return fmt.Errorf("%d: %v", code, err)
		}
	}
	return nil
}

func cancels(connection *amqp.Connection, channel *amqp.Channel) error {
	queue, err := own(channel, nil)
	if err != nil {
		return err
	}
	heard := channel.NotifyCancel(make(chan string, 1))
	if _, err := channel.Consume(queue, "mine", false, false, false, false, nil); err != nil {
		return err
	}
	other, err := connection.Channel()
	if err != nil {
		return err
	}
	if _, err := other.QueueDelete(queue, false, false, false); err != nil {
		return err
	}
	select {
	case tag := <-heard:
		if tag != "mine" {
			return fmt.Errorf("the cancel names %q", tag)
		}
		return nil
	case <-time.After(5 * time.Second):
		return errors.New("nothing was heard")
	}
}

func large(_ *amqp.Connection, channel *amqp.Channel) error {
	queue, err := own(channel, nil)
	if err != nil {
		return err
	}
	body := bytes.Repeat([]byte("posthorn"), 5<<20/8)
	if err := send(channel, queue, string(body)); err != nil {
		return err
	}
	message, ok, err := channel.Get(queue, true)
	if err != nil || !ok || !bytes.Equal(message.Body, body) {
		return fmt.Errorf("found %d bytes, %v, %v", len(message.Body), ok, err)
	}
	return nil
}

func dead(_ *amqp.Connection, channel *amqp.Channel) error {
	grave, err := own(channel, nil)
	if err != nil {
		return err
	}
	queue, err := own(channel, amqp.Table{
		"x-dead-letter-exchange": "", "x-dead-letter-routing-key": grave, "x-message-ttl": int32(10),
	})
	if err != nil {
		return err
	}
	exchange := fmt.Sprintf("go-delayed-%d", time.Now().UnixNano())
	arguments := amqp.Table{"x-delayed-type": "fanout"}
	if err := channel.ExchangeDeclare(exchange, "x-delayed-message", false, true, false, false, arguments); err != nil {
		return err
	}
	if err := channel.QueueBind(queue, "", exchange, false, nil); err != nil {
		return err
	}
	delayed := amqp.Publishing{Headers: amqp.Table{"x-delay": int32(50)}}
	if err := channel.PublishWithContext(background, exchange, "k", false, false, delayed); err != nil {
		return err
	}
	deliveries, err := channel.Consume(grave, "", true, false, false, false, nil)
	if err != nil {
		return err
	}
	found, err := take(deliveries, 1)
	if err != nil {
		return err
	}
	deaths, _ := found[0].Headers["x-death"].([]interface{})
	if len(deaths) != 1 {
		return fmt.Errorf("x-death is %v", found[0].Headers["x-death"])
	}
	death, _ := deaths[0].(amqp.Table)
	if death["reason"] != "expired" || death["queue"] != queue || death["count"] != int64(1) || death["exchange"] != exchange {
		return fmt.Errorf("x-death is %v", death)
	}
	return nil
}

func channels(connection *amqp.Connection, _ *amqp.Channel) error {
	for round := 0; round < 2; round++ {
		var open []*amqp.Channel
		for n := 0; n < 200; n++ {
			channel, err := connection.Channel()
			if err != nil {
				return err
			}
			open = append(open, channel)
		}
		for _, channel := range open {
			if err := channel.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}

func external(given order) error {
	pem, err := os.ReadFile(given.TLS.CA)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	pair, err := tls.LoadX509KeyPair(given.TLS.Cert, given.TLS.Key)
	if err != nil {
		return err
	}
	settings := &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, ServerName: "localhost"}
	url := fmt.Sprintf("amqps://127.0.0.1:%d/", given.TLS.Port)
	connection, err := amqp.DialTLS_ExternalAuth(url, settings)
	if err != nil {
		return err
	}
	return connection.Close()
}
