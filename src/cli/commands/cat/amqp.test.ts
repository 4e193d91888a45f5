import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningBroker, start } from '../../../server/index.ts'
import { invoke } from '../../amqp/stage.contract.ts'
import type { InvocationOptions } from '../../kafka/stage.contract.ts'

let broker: RunningBroker
let url: string
beforeAll(async () => {
  broker = await start({ amqp: true })
  url = broker.amqp?.url ?? ''
})
afterAll(() => broker.close())

const cat = (path: string, words: readonly string[], options?: InvocationOptions) =>
  invoke(url, ['cat', `${url}/${path}`, ...words], options)
const run = (...words: string[]) => invoke(url, words)

describe('posthorn cat amqp://', () => {
  it('stores lines in a queue and gives them back, once', async () => {
    await run('queue', 'create', 'lines')
    expect(await cat('%2F/lines', ['--header', 'n=1'], { input: 'one\ntwo\n\nlast' })).toMatchObject({
      code: 0,
      err: 'stored 4 messages in lines\n',
    })
    expect(await cat('/lines', ['-n', '1', '-f', '%t %k %v [%h]\\n'])).toMatchObject({
      code: 0,
      out: 'lines lines one [n=1,amqp.delivery-mode=2]\n',
    })
    expect(await cat('/lines', ['-e'])).toMatchObject({ code: 0, out: 'two\n\nlast\n' })
    expect(await cat('/lines', ['-e'])).toMatchObject({ code: 0, out: '' })
  })

  it('reads an exchange by a pattern, and writes to it with a key', async () => {
    await run('exchange', 'create', 'shop', '-t', 'topic')
    await run('queue', 'create', 'ready')
    await run('binding', 'create', 'shop', 'ready', '-k', 'never')
    const reading = cat('/shop/orders.#', ['-n', '2', '-o', 'jsonl'])
    // Its queue is bound some time soon; until then a message has no way.
    while ((await cat('/shop/orders.new', [], { input: 'x' })).code !== 0);
    await cat('/shop/orders.old', [], { input: 'y' })
    expect((await reading).rows()).toMatchObject([
      { key: 'orders.new', value: 'x' },
      { key: 'orders.old', value: 'y' },
    ])
  })

  it('reads a stream from where it is told, and takes nothing', async () => {
    await run('queue', 'create', 'events', '-t', 'stream')
    await cat('/events', [], { input: 'a\nb\nc\n' })
    expect(await cat('/events', ['--from', 'start', '-n', '3', '-f', '%o:%v '])).toMatchObject({
      out: '0:a 1:b 2:c ',
    })
    expect((await cat('/events', ['--from', '1', '-n', '1'])).out).toBe('b\n')
  })

  it('goes on until it is interrupted', async () => {
    await run('queue', 'create', 'followed')
    await cat('/followed', [], { input: 'first\n' })
    const following = cat('/followed', [], {
      onOutput(text, interrupt) {
        if (text === 'first\n') interrupt()
      },
    })
    expect(await following).toMatchObject({ code: 130, out: 'first\n' })
    expect(await run('queue', 'poll', 'followed')).toMatchObject({ code: 75 })
  })

  it.each([
    ['', [], 64, /names no queue/],
    ['/nowhere', ['-e'], 65, /NOT_FOUND|no queue/],
    ['/lines', ['-g', 'x'], 64, /--group is for Kafka only/],
    ['/lines', ['--key-delimiter', ':'], 64, /--key-delimiter is for Kafka only/],
  ])('refuses %s %j', async (path, words, code, message) => {
    expect(await cat(path, words)).toMatchObject({ code, err: expect.stringMatching(message) })
  })
})
