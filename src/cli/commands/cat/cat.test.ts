import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningBroker, start } from '../../../server/index.ts'
import { posthorn } from '../../kafka/stage.contract.ts'

let broker: RunningBroker
let brokers: string
beforeAll(async () => {
  broker = await start({ brokers: 2, kafka: { port: 0 } })
  brokers = broker.kafka.brokers.join(',')
})
afterAll(() => broker.close())

const cat = (topic: string, words: readonly string[], input?: string | Buffer) =>
  posthorn(brokers, ['cat', `kafka:///${topic}`, ...words], input === undefined ? {} : { input })

async function topicOf(name: string, partitions: number): Promise<string> {
  await posthorn(brokers, ['topic', 'create', name, '-p', String(partitions)])
  return name
}

describe('posthorn cat', () => {
  it('stores lines and gives them back, in order', async () => {
    const topic = await topicOf('lines', 1)
    expect(await cat(topic, [], 'one\ntwo\n\nlast')).toMatchObject({
      code: 0,
      err: 'stored 4 records in lines\n',
    })
    expect(await cat(topic, ['-e'])).toMatchObject({ code: 0, out: 'one\ntwo\n\nlast\n' })
  })

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('carries any bytes, with codec %s', async codec => {
    const topic = await topicOf(`bytes-${codec}`, 1)
    const every = Buffer.from(Array.from({ length: 256 }, (_, n) => n))
    await cat(topic, ['-d', '\\x00\\xff\\x00', '-z', codec], every)
    expect((await cat(topic, ['-e', '-f', '%v'])).bytes).toEqual(every)
    expect((await cat(topic, ['-e', '-o', 'jsonl'])).rows()).toMatchObject([
      { value: every.toString('base64'), encoding: 'base64' },
    ])
  })

  it('writes keys, headers and nulls, and prints them', async () => {
    const topic = await topicOf('parts', 1)
    await cat(topic, ['-k', ':', '--header', 'a=1', '--header', 'a=2', '--null'], 'k:v\ngone:\n')
    expect((await cat(topic, ['-e', '-f', '%t/%p/%o %k=%v (%K,%S) [%h] %%\\n'])).out).toBe(
      'parts/0/0 k=v (1,1) [a=1,a=2] %\nparts/0/1 gone= (4,-1) [a=1,a=2] %\n',
    )
    expect((await cat(topic, ['-n', '2', '-o', 'jsonl'])).rows()).toMatchObject([
      {
        key: 'k',
        value: 'v',
        headers: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
        encoding: 'utf8',
      },
      { key: 'gone', value: null },
    ])
  })

  it('puts a key where Java puts it, and everything into one partition when told', async () => {
    const topic = await topicOf('placed', 5)
    await cat(topic, ['-k', ':'], '21:x\nfoobar:y\n')
    await cat(topic, ['-p', '3'], 'z\n')
    const rows = (await cat(topic, ['-e', '-o', 'jsonl'])).rows()
    const place = Object.fromEntries(rows.map(row => [row.value, row.partition]))
    expect(place).toEqual({ x: (-973932308 & 0x7fffffff) % 5, y: (-790332482 & 0x7fffffff) % 5, z: 3 })
  })

  it.each([
    [
      ['--from', '2', '-e'],
      ['c', 'd'],
    ],
    [['--from', '-1', '-e'], ['d']],
    [
      ['--from', '-99', '-n', '2'],
      ['a', 'b'],
    ],
    [['--from', 'end', '-e'], []],
    [
      ['--from', '1h', '-e'],
      ['a', 'b', 'c', 'd'],
    ],
    [['--from', '2100-01-01T00:00:00Z', '-e'], []],
    [['-n', '0'], []],
  ])('begins and ends as %j says', async (words, values) => {
    const topic = await topicOf('places', 1)
    if ((await cat(topic, ['-e'])).out === '') await cat(topic, [], 'a\nb\nc\nd\n')
    expect((await cat(topic, [...words, '-f', '%v '])).out).toBe(values.map(value => `${value} `).join(''))
  })

  it('follows the topic until it is interrupted', async () => {
    const topic = await topicOf('followed', 1)
    await cat(topic, [], 'first\n')
    const following = posthorn(brokers, ['cat', `kafka:///${topic}`], {
      onOutput(text, interrupt) {
        if (text === 'first\n') void cat(topic, [], 'second\n')
        if (text === 'first\nsecond\n') interrupt()
      },
    })
    expect(await following).toMatchObject({ code: 130, out: 'first\nsecond\n' })
  })

  it('stores many records quickly over many batches, and loses none', async () => {
    const topic = await topicOf('many', 4)
    const lines = Array.from({ length: 20_000 }, (_, n) => `record ${n}`)
    await cat(topic, ['-X', 'batch.size=4000', '-X', 'linger.ms=1'], lines.join('\n'))
    const { out } = await cat(topic, ['-e'])
    expect(out.split('\n').filter(Boolean).sort()).toEqual([...lines].sort())
  })

  it.each([
    ['acks=0', 0],
    ['acks=1', 0],
    ['acks=2', 64],
    ['nonsense=1', 64],
  ])('takes -X %s with exit %i', async (property, code) => {
    expect(await cat(await topicOf('acks', 1), ['-X', property], 'x\n')).toMatchObject({ code })
  })

  it.each([
    [['cat', 'http://x/y'], 64, /not the URL of a topic/],
    [['cat', 'kafka://u:p@x/y'], 64, /must not hold a password/],
    [['cat', 'kafka:///nowhere', '-e'], 65, /topic nowhere/],
    [['cat', 'kafka:///parts', '-e', '-f', '%z'], 64, /--format has no '%z'/],
    [['cat', 'kafka:///parts', '-e', '--from', 'then'], 64, /--from cannot be 'then'/],
    [['cat', 'kafka:///parts', '-e', '-p', '9'], 65, /no partition 9/],
    [['cat', 'kafka://127.0.0.1:1/t', '-e'], 69, /cannot connect to 127\.0\.0\.1:1/],
    [['topic', 'ls', '-b', 'a:b:c'], 64, /is no broker address/],
    [['topic', 'ls', '--user', 'ann'], 64, /no password for user ann/],
    [['topic', 'ls', '--ca', '/no/such/file'], 78, /--ca cannot be read/],
  ])('refuses `%j`', async (words, code, message) => {
    expect(await posthorn(brokers, words)).toMatchObject({ code, err: expect.stringMatching(message) })
  })
})

describe('a listener that wants a login', () => {
  let closed: RunningBroker
  let address = ''
  beforeAll(async () => {
    const kafka = { port: 0, sasl: ['SCRAM-SHA-512', 'SCRAM-SHA-256'] } as const
    closed = await start({ kafka, users: [{ name: 'ann', password: 'secret' }] })
    address = closed.kafka.brokers.join(',')
  })
  afterAll(() => closed.close())

  const list = (password: string, ...words: string[]) =>
    posthorn(address, ['topic', 'ls', ...words], { env: { POSTHORN_KAFKA_PASSWORD: password } })

  it.each(['SCRAM-SHA-512', 'SCRAM-SHA-256'])('is entered with %s', async mechanism => {
    expect(await list('secret', '--user', 'ann', '--mechanism', mechanism)).toMatchObject({ code: 0 })
  })

  it.each([
    ['without one', [], 69, /does this listener want TLS .* or a login/],
    ['with a wrong password', ['--user', 'ann'], 77, /logging in at .* as ann: .*SASL_AUTHENTICATION_FAILED/],
    ['with another mechanism', ['--user', 'ann', '--mechanism', 'PLAIN'], 77, /it offers SCRAM-SHA-/],
  ])('is not entered %s', async (_how, words, code, message) => {
    expect(await list('guess', ...words)).toMatchObject({ code, err: expect.stringMatching(message) })
  })
})
