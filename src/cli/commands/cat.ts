// `posthorn cat`: standard input into a topic or a queue, or either to standard output; the URL says which. After kcat,
// whose letters it keeps where they are free.

import { defineCommand } from '../command.ts'
import { withClient } from '../kafka/options.ts'
import { parseTarget } from '../kafka/target.ts'
import { isForPeople } from '../output/format.ts'
import { catOptions } from './cat/options.ts'
import { recordColumns } from './cat/row.ts'

export const cat = defineCommand({
  path: ['cat'],
  summary: 'Write standard input into a topic or queue, or either to standard output',
  description: `Produces when something is piped into it, one record a line, and consumes otherwise; --produce and --consume say it outright, and every option of consuming implies the latter.

Consuming begins at the start of the topic, or where the group (-g) has stopped, and goes on until Ctrl-C; -e ends at the end of now, -n after so many records. --from takes start, end, an offset, -N for the last N of each partition, a time (2026-01-31T12:00:00Z) or how long ago (15m). The format (-f) knows %v value, %k key, %h headers, %t topic, %p partition, %o offset, %T timestamp, %S and %K lengths, and \\n, \\t, \\x00. With -o jsonl each record is an object; what is not UTF-8 comes in base64, and says so.

Producing (-X) takes acks, linger.ms, batch.size and enable.idempotence.

Of AMQP, amqp://host:port/vhost/queue is a queue (the virtual host / is written %2F, or left out: amqp://host//queue), and amqp://host:port/vhost/exchange/key an exchange: what is written goes there with this routing key, and it is read through a queue of its own that is bound with the key. What is read from a queue is taken from it. User and password stand in the URL, or in --user and --password-file; guest is nobody in particular. --from is for streams, and takes also first, last and next; -e ends with the messages that are there now. In formats %k is the routing key, %t the queue and %o the offset in a stream; with -o jsonl properties are headers named amqp.`,
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
  ],
  arguments: [
    {
      name: 'url',
      summary: 'kafka://host:port/topic (host from --brokers unless given), or amqp://host/vhost/queue',
      required: true,
    },
  ],
  options: catOptions,
  columns: recordColumns,
  writes: true,
  async run(context) {
    const { options, origins, output, stdin, signal, tty } = context
    const { url } = context.arguments
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
