// `posthorn cat`: standard input into a topic, a queue or a socket, or any of them to standard output; the URL says which.
// After kcat, whose letters it keeps where they are free.

import { defineCommand } from '../command.ts'
import { CommandError } from '../exit.ts'
import { withClient } from '../kafka/options.ts'
import { parseTarget } from '../kafka/target.ts'
import { isForPeople } from '../output/format.ts'
import { catOptions } from './cat/options.ts'
import { recordColumns } from './cat/row.ts'
import { isSocketTarget } from './cat/socket-target.ts'

export const cat = defineCommand({
  path: ['cat'],
  summary: 'Write standard input into a topic, queue or socket, or any of them to standard output',
  description: `Produces when something is piped into it, one record a line, and consumes otherwise; --produce and --consume say it outright, and every option of consuming implies the latter.

Consuming begins at the start of the topic, or where the group (-g) has stopped, and goes on until Ctrl-C; -e ends at the end of now, -n after so many records. --from takes start, end, an offset, -N for the last N of each partition, a time (2026-01-31T12:00:00Z) or how long ago (15m). The format (-f) knows %v value, %k key, %h headers, %t topic, %p partition, %o offset, %T timestamp, %S and %K lengths, and \\n, \\t, \\x00. With -o jsonl each record is an object; what is not UTF-8 comes in base64, and says so.

Producing (-X) takes acks, linger.ms, batch.size and enable.idempotence.

Of AMQP, amqp://host:port/vhost/queue is a queue (the virtual host / is written %2F, or left out: amqp://host//queue), and amqp://host:port/vhost/exchange/key an exchange: what is written goes there with this routing key, and it is read through a queue of its own that is bound with the key. What is read from a queue is taken from it. User and password stand in the URL, or in --user and --password-file; guest is nobody in particular. --from is for streams, and takes also first, last and next; -e ends with the messages that are there now. In formats %k is the routing key, %t the queue and %o the offset in a stream; with -o jsonl properties are headers named amqp.

Sockets need no broker: zmq+PATTERN://ENDPOINT,... is one of ZeroMQ, sp+PATTERN://ENDPOINT,... one of nanomsg and nng. An endpoint is transport://where, connected to, or bound with an @ before it (> says connect). Patterns of zmq: push, pull, pub, sub, xpub, xsub, req, rep, dealer, router, pair, stream, client, server, radio, dish, scatter, gather, peer, channel; of sp: push, pull, pub, sub, req, rep, surveyor, respondent, pair (version 1), pair0, bus. What only sends sends standard input, a message a record; req and surveyor print the answers to each; rep and respondent answer with the next record, or on a terminal with the question; all others send what is piped in and print what arrives, until -n or Ctrl-C, or only one of it with --produce or --consume. pub waits for its first subscriber. Parts of a message are divided at -k, and printed with it (a tab) between; of router, stream, server, peer, radio and dish the first part is the peer or the group. In formats %m is the whole message, %k the first and %v the last part; with -o jsonl all are in parts. --timeout, if it is given, ends with 75 what has to wait longer. --user with --password-file or POSTHORN_ZMQ_PASSWORD is PLAIN, --server-key CURVE; --ca and --insecure are for tls and wss.`,
  examples: [
    { text: 'One record a line', command: 'posthorn cat kafka://127.0.0.1:9092/orders < orders.txt' },
    { text: 'With keys', command: "echo 'k1:hello' | posthorn cat kafka://127.0.0.1:9092/orders -k :" },
    { text: 'Everything that is there', command: 'posthorn cat kafka://127.0.0.1:9092/orders -e' },
    {
      text: 'The last ten, with offsets',
      command: "posthorn cat kafka:///orders --from -10 -e -f '%p/%o %k: %v\\n'",
    },
    { text: 'As JSON, as a member of a group', command: 'posthorn cat kafka:///orders -g billing -o jsonl' },
    { text: 'Into a queue of AMQP', command: 'posthorn cat amqp://127.0.0.1/%2F/orders < orders.txt' },
    {
      text: 'What an exchange sends by a pattern',
      command: "posthorn cat 'amqp://127.0.0.1/%2F/shop/orders.#'",
    },
    { text: 'Lines to ZeroMQ workers', command: 'posthorn cat zmq+push://@tcp://127.0.0.1:5555 < jobs.txt' },
    {
      text: 'What a publisher says about weather, as JSON',
      command: 'posthorn cat zmq+sub://tcp://127.0.0.1:5556 --subscribe weather -o jsonl',
    },
    { text: 'Ask an nng server', command: 'echo hello | posthorn cat sp+req://tcp://127.0.0.1:5557' },
  ],
  arguments: [
    {
      name: 'url',
      summary: 'kafka://host:port/topic, amqp://host/vhost/queue, or zmq+push://tcp://host:port and the like',
      required: true,
    },
  ],
  options: catOptions,
  columns: recordColumns,
  writes: true,
  async run(context) {
    const { options, origins, output, stdin, signal, tty } = context
    const { url } = context.arguments
    if (isSocketTarget(url)) return (await import('./cat/socket-run.ts')).catSocket(context)
    const ours = (['subscribe', 'serverKey'] as const).find(key => origins[key] === 'flag')
    if (ours !== undefined)
      throw new CommandError('usage', `--${ours === 'subscribe' ? ours : 'server-key'} is for sockets`)
    const consumes = ['consume', 'count', 'from', 'exit', 'group', 'format'].some(
      key => origins[key] === 'flag',
    )
    const produces = options.produce || (!consumes && !tty.stdin)
    if (/^amqps?:/.test(url)) {
      const { catAmqp } = await import('./cat/amqp-run.ts')
      return catAmqp(context, produces)
    }
    const { topic, brokers = options.brokers } = parseTarget(url)
    await withClient({ ...context, options: { ...options, brokers } }, async client => {
      if (produces) {
        const { produce } = await import('./cat/produce.ts')
        client.outliveSignal()
        const [partition] = options.partition
        const { codec, delimiter, keyDelimiter, header: headers, null: nulls, property: properties } = options
        const what = { topic, codec, partition, delimiter, keyDelimiter, headers, nulls, properties }
        const count = await produce(client, stdin, what, signal)
        return output.note(`stored ${count} ${count === 1 ? 'record' : 'records'} in ${topic}`)
      }
      const { consume, printRaw, printRows } = await import('./cat/consume.ts')
      const { parseFormat } = await import('./cat/format.ts')
      const format = parseFormat(options.format)
      // A group is left in order, and what was printed is committed, also after Ctrl-C.
      if (options.group !== undefined) client.outliveSignal()
      const { count, from, group, partition: partitions, exit: untilEnd } = options
      const isolation = options.uncommitted ? 'uncommitted' : 'committed'
      const what = { topic, from, partitions, group, count, untilEnd, isolation, signal } as const
      const records = consume(client, what, output.warn.bind(output))
      await (isForPeople(output.format) ? printRaw(records, format, output) : printRows(records, output))
    })
  },
})
