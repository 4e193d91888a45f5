// `posthorn cat` with endpoints of ZeroMQ and nanomsg, against sockets of this process and against itself.

import { describe, expect, it } from 'vitest'
import { Rep, Respondent, Push as SpPush } from '../../../sockets/sp/index.ts'
import {
  Context,
  curveKeyPair,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Radio,
  Reply,
  Request,
  Router,
  Server,
} from '../../../sockets/zmq/index.ts'
import { type InvocationOptions, posthorn } from '../../kafka/stage.contract.ts'
import { parseSocketTarget } from './socket-target.ts'

const cat = (url: string, words: readonly string[], options?: InvocationOptions) =>
  posthorn('', ['cat', url, ...words], options)

const anyPort = 'tcp://127.0.0.1:*'

async function bound<
  S extends { bind(address: string): Promise<void>; readonly lastEndpoint: string | null },
>(socket: S): Promise<{ readonly socket: S; readonly address: string }> {
  await socket.bind(anyPort)
  return { socket, address: socket.lastEndpoint ?? '' }
}

describe('endpoints', () => {
  it.each([
    ['zmq+push://tcp://a:1', 'zmq', 'push', ['connect tcp://a:1']],
    ['ZMQ+Pull://@tcp://*:1', 'zmq', 'pull', ['bind tcp://*:1']],
    ['zmq+pub://@ipc://a,b,>ws://h:1/p?q', 'zmq', 'pub', ['bind ipc://a,b', 'connect ws://h:1/p?q']],
    ['sp+pair0://@ipc://@name', 'sp', 'pair0', ['bind ipc://@name']],
  ] as const)('reads %s', (url, family, pattern, endpoints) => {
    const target = parseSocketTarget(url)
    expect(target).toMatchObject({ family, pattern })
    expect(target.endpoints.map(({ how, address }) => `${how} ${address}`)).toEqual(endpoints)
  })

  it.each([
    ['zmq+push://127.0.0.1:1', [], 64, /no endpoint/],
    ['zmq+shove://tcp://127.0.0.1:1', [], 64, /no pattern 'shove'.*push, pull/],
    ['zmq+push://tcp://127.0.0.1:x', [], 64, /cannot connect/],
    ['zmq+pull://@tcp://192.0.2.1:1', [], 69, /cannot bind/],
    ['zmq+pull://tcp://127.0.0.1:1', ['-g', 'x'], 64, /--group is not for sockets/],
    ['zmq+pull://tcp://127.0.0.1:1', ['--produce'], 64, /does not produce/],
    ['zmq+push://tcp://127.0.0.1:1', ['--subscribe', 'x'], 64, /goes with sub/],
    ['zmq+dish://tcp://127.0.0.1:1', [], 64, /name a group/],
    ['zmq+rep://@tcp://127.0.0.1:0', ['--user', 'x'], 64, /for connecting/],
    ['sp+push://tcp://127.0.0.1:1', ['-k', ','], 64, /one part/],
    ['zmq+pull://@tcp://127.0.0.1:0', ['--timeout', '20ms'], 75, /for --timeout/],
    ['kafka:///orders', ['--subscribe', 'x'], 64, /for sockets/],
  ])('%s %j ends with %d', async (url, words, code, said) => {
    expect(await cat(url, words)).toMatchObject({ code, err: expect.stringMatching(said) })
  })
})

describe('posthorn cat zmq+', () => {
  it('push sends a message a line', async () => {
    const { socket, address } = await bound(new Pull())
    expect(await cat(`zmq+push://${address}`, [], { input: 'one\ntwo\n\nlast' })).toMatchObject({
      code: 0,
      err: 'sent 4 messages\n',
    })
    const texts: string[] = []
    while (texts.length < 4) texts.push(String(await socket.receive()))
    expect(texts).toEqual(['one', 'two', '', 'last'])
    socket.close()
  })

  it('pull prints what comes, with all parts', async () => {
    const { socket, address } = await bound(new Push())
    void socket.send('plain')
    void socket.send(['a', 'b', 'c'])
    expect(await cat(`zmq+pull://${address}`, ['-n', '2'])).toMatchObject({
      code: 0,
      out: 'plain\na\tb\tc\n',
    })
    void socket.send(['a', 'b', 'c'])
    void socket.send(['x', Buffer.from([0xff])])
    const json = await cat(`zmq+pull://${address}`, ['-n', '2', '-o', 'jsonl'])
    expect(json.rows()).toMatchObject([
      { topic: `zmq+pull://${address}`, key: 'a', value: 'c', parts: ['a', 'b', 'c'], encoding: 'utf8' },
      { key: 'eA==', value: '/w==', parts: ['eA==', '/w=='], encoding: 'base64' },
    ])
    socket.close()
  })

  it('binds, and ends at Ctrl-C', async () => {
    const pushing = new Push({ linger: 0 })
    const { address } = await bound(new Pull()).then(({ socket, address }) => {
      socket.close()
      return { address }
    })
    pushing.connect(address)
    await pushing.send('first')
    const following = cat(`zmq+pull://@${address}`, ['-f', '%v\\n'], {
      onOutput: (text, interrupt) => text === 'first\n' && interrupt(),
    })
    expect(await following).toMatchObject({ code: 130, out: 'first\n' })
    pushing.close()
  })

  it('pub waits for its subscriber, and sub takes what it asked for', async () => {
    const { socket, address } = await bound(new Pull())
    socket.close()
    const [heard, told] = await Promise.all([
      cat(`zmq+sub://${address}`, ['--subscribe', 'b', '-n', '2', '-k', '=']),
      cat(`zmq+pub://@${address}`, ['-k', ':'], { input: 'a:1\nb:2\nc:3\nbb:4\n' }),
    ])
    expect(heard).toMatchObject({ code: 0, out: 'b=2\nbb=4\n' })
    expect(told.code).toBe(0)
  })

  it('req prints the answer to each line, rep answers with lines', async () => {
    const { socket, address } = await bound(new Reply())
    void (async () => {
      for await (const [question] of socket) await socket.send(`${question}!`)
    })()
    expect(await cat(`zmq+req://${address}`, [], { input: 'a\nb\n' })).toMatchObject({
      code: 0,
      out: 'a!\nb!\n',
    })
    socket.close()

    const asking = await bound(new Request())
    const answering = cat(`zmq+rep://${asking.address}`, ['-n', '2'], { input: 'yes\nno\n' })
    const answers: string[] = []
    for (const question of ['1', '2']) {
      await asking.socket.send(question)
      answers.push(String(await asking.socket.receive()))
    }
    expect(answers).toEqual(['yes', 'no'])
    expect(await answering).toMatchObject({ code: 0, out: '1\n2\n' })
    asking.socket.close()
  })

  it('rep on a terminal answers with the question', async () => {
    const { socket, address } = await bound(new Request())
    const answering = cat(`zmq+rep://${address}`, ['-n', '1'])
    await socket.send(['what', 'now'])
    expect(String(await socket.receive())).toBe('what,now')
    expect((await answering).code).toBe(0)
    socket.close()
  })

  it('dealer does both at once, and router shows who', async () => {
    const { socket, address } = await bound(new Router())
    void (async () => {
      for await (const [who = '', body = ''] of socket) await socket.send([who, `re ${body}`])
    })()
    expect(await cat(`zmq+dealer://${address}`, ['-n', '2'], { input: 'a\nb\n' })).toMatchObject({
      code: 0,
      out: 're a\nre b\n',
    })
    socket.close()

    const dealer = await bound(new Dealer({ routingId: 'me' }))
    void dealer.socket.send('hello')
    expect(await cat(`zmq+router://${dealer.address}`, ['-n', '1', '-f', '%k says %v\\n'])).toMatchObject({
      out: 'me says hello\n',
    })
    dealer.socket.close()
  })

  it.each([
    ['pair', () => new Pair()],
    ['server', () => new Server()],
  ] as const)('%s with a single half', async (name, make) => {
    const { socket, address } = await bound(make())
    const peer = name === 'server' ? 'client' : name
    expect((await cat(`zmq+${peer}://${address}`, ['--produce'], { input: 'x' })).code).toBe(0)
    expect(String((await socket.receive())[0])).toBe('x')
    socket.close()
  })

  it('dish hears its groups', async () => {
    const { socket, address } = await bound(new Radio())
    const hearing = cat(`zmq+dish://${address}`, ['--subscribe', 'g', '-n', '1'])
    const telling = setInterval(() => void socket.send('news', { group: 'g' }), 5)
    expect(await hearing).toMatchObject({ code: 0, out: 'g\tnews\n' })
    clearInterval(telling)
    socket.close()
  })

  it('speaks CURVE with --server-key and PLAIN with --user', async () => {
    const keys = curveKeyPair()
    const curve = await bound(new Pull({ curveServer: true, curveSecretKey: keys.secretKey }))
    const words = [`--server-key=${keys.publicKey}`] // a key may begin with a dash
    expect((await cat(`zmq+push://${curve.address}`, words, { input: 'secret' })).code).toBe(0)
    expect(String(await curve.socket.receive())).toBe('secret')
    curve.socket.close()

    const context = new Context()
    const zap = new Reply({ context })
    await zap.bind('inproc://zeromq.zap.01')
    void (async () => {
      for await (const [version, id, , , , , user, password] of zap) {
        const isKnown = String(user) === 'ann' && String(password) === 'pw'
        await zap.send([version ?? '', id ?? '', isKnown ? '200' : '400', 'told', '', ''])
      }
    })()
    const plain = await bound(new Pull({ context, plainServer: true, zapDomain: 'x' }))
    const login = { input: 'known', env: { POSTHORN_ZMQ_PASSWORD: 'pw' } }
    expect((await cat(`zmq+push://${plain.address}`, ['--user', 'ann'], login)).code).toBe(0)
    expect(String(await plain.socket.receive())).toBe('known')
    plain.socket.close()
    zap.close()
  })

  it('reads a publisher that was there before', async () => {
    const { socket, address } = await bound(new Publisher())
    const telling = setInterval(() => void socket.send(['weather', 'fine']), 5)
    expect(await cat(`zmq+sub://${address}`, ['-n', '1', '-f', '%m|%S'])).toMatchObject({
      out: 'weather\tfine|4',
    })
    clearInterval(telling)
    socket.close()
  })
})

describe('posthorn cat sp+', () => {
  it('pull prints, req asks, surveyor gathers', async () => {
    await using push = new SpPush()
    const pushed = await push.listen('tcp://127.0.0.1:0')
    const pulling = cat(`sp+pull://${pushed.address}`, ['-n', '2'])
    await push.send('a')
    await push.send('b')
    expect(await pulling).toMatchObject({ code: 0, out: 'a\nb\n' })

    await using rep = new Rep()
    const replied = await rep.listen('tcp://127.0.0.1:0')
    void (async () => {
      for await (const question of rep) await rep.send(`${question}!`)
    })()
    expect(await cat(`sp+req://${replied.address}`, [], { input: 'x\ny\n' })).toMatchObject({
      out: 'x!\ny!\n',
    })

    await using respondent = new Respondent()
    const surveyed = await respondent.listen('tcp://127.0.0.1:0')
    void (async () => {
      for await (const question of respondent) await respondent.send(`${question}?`)
    })()
    expect(await cat(`sp+surveyor://${surveyed.address}`, ['-n', '1'], { input: 'who' })).toMatchObject({
      out: 'who?\n',
    })
  })

  it('pub waits for its first subscriber', async () => {
    const url = 'inproc://cat-sp'
    const [heard] = await Promise.all([
      cat(`sp+sub://${url}`, ['--subscribe', 'b', '-n', '1']),
      cat(`sp+pub://@${url}`, [], { input: 'a1\nb2\n' }),
    ])
    expect(heard).toMatchObject({ code: 0, out: 'b2\n' })
  })
})
