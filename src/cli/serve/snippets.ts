// A line to copy for a client of each kind, for one listener: the same facts in the words of each.

import type { AmqpFace, OpenListener } from '../../server/index.ts'

/** Of each client: its name, and what to type or write. */
export function snippets(listener: OpenListener, userName: string): readonly (readonly [string, string])[] {
  const brokers = listener.brokers.join(',')
  const login = loginOf(listener, userName)
  return [
    [
      'kcat',
      `kcat -b ${brokers} -t hello -P${login.map(([name, value]) => ` -X ${name}=${value}`).join('')}`,
    ],
    ['Java', `kafka-console-producer.sh --bootstrap-server ${brokers} --topic hello${javaConfig(login)}`],
    ['kafkajs', `new Kafka({ brokers: [${quoted(listener.brokers)}]${kafkajs(listener, userName)} })`],
    ['Python', `Producer({${python([['bootstrap.servers', brokers], ...login])}})`],
  ]
}

/** The same for AMQP 0-9-1; the secret itself is never printed, but for the guest's, which everybody knows. */
export function amqpSnippets(
  amqp: AmqpFace | undefined,
  userName: string,
): readonly (readonly [string, string])[] {
  const [first] = amqp?.listeners ?? []
  if (first === undefined) return []
  const login = userName === '<user>' ? 'guest:guest' : `${userName}:...`
  const url = `${first.tls ? 'amqps' : 'amqp'}://${login}@${first.host}:${first.port}`
  return [
    ['amqplib', `await amqp.connect('${url}')`],
    ['pika', `pika.BlockingConnection(pika.URLParameters('${url}/%2F'))`],
  ]
}

type Property = readonly [name: string, value: string]

/** librdkafka's properties (kcat, Python, Go, .NET); the secret itself is never printed. */
function loginOf({ tls, sasl }: OpenListener, userName: string): Property[] {
  const mechanism = preferred(sasl)
  if (mechanism === undefined) return tls ? [['security.protocol', 'SSL']] : []
  return [
    ['security.protocol', tls ? 'SASL_SSL' : 'SASL_PLAINTEXT'],
    ['sasl.mechanism', mechanism],
    ['sasl.username', userName],
    ['sasl.password', '...'],
  ]
}

/** The strongest that all these clients have. */
function preferred(sasl: readonly string[]): string | undefined {
  return ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'].find(name => sasl.includes(name))
}

function javaConfig(login: readonly Property[]): string {
  return login.length === 0 ? '' : ' --producer.config client.properties'
}

function kafkajs({ tls, sasl }: OpenListener, userName: string): string {
  const mechanism = preferred(sasl)?.toLowerCase()
  const login = `, sasl: { mechanism: '${mechanism}', username: '${userName}', password: '...' }`
  return `${tls ? ', ssl: true' : ''}${mechanism === undefined ? '' : login}`
}

function python(properties: readonly Property[]): string {
  return properties.map(([name, value]) => `'${name}': '${value}'`).join(', ')
}

function quoted(words: readonly string[]): string {
  return words.map(word => `'${word}'`).join(', ')
}
