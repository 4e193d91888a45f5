// The sockets in another runtime than Node: `bun runtime-smoke.mjs <dist>`. Says `ok` when everything came.

const dist = process.argv.at(-1)
const zmq = await import(`${dist}/sockets/zmq/index.js`)
const sp = await import(`${dist}/sockets/sp/index.js`)

function same(found, expected) {
  if (String(found) !== expected) throw new Error(`found ${found} instead of ${expected}`)
}

async function push(options, server, client) {
  const [pull, push] = [new zmq.Pull(server), new zmq.Push(client)]
  await pull.bind(options)
  push.connect(pull.lastEndpoint)
  await push.send(['a', Buffer.alloc(100_000, 'x')])
  const [first, second] = await pull.receive()
  same(first, 'a')
  same(second.length, '100000')
  for (const socket of [push, pull]) await socket[Symbol.asyncDispose]()
}

await push('tcp://127.0.0.1:*')
await push('ws://127.0.0.1:*')
await push(`ipc:///tmp/posthorn-smoke-${process.pid}`)
const [server, client] = [zmq.curveKeyPair(), zmq.curveKeyPair()]
await push(
  'tcp://127.0.0.1:*',
  { curveServer: true, curveSecretKey: server.secretKey },
  { curveServerKey: server.publicKey, curvePublicKey: client.publicKey, curveSecretKey: client.secretKey },
)

const [rep, req] = [new zmq.Reply(), new zmq.Request()]
await rep.bind('inproc://smoke')
req.connect('inproc://smoke')
await req.send('q')
await rep.send(await rep.receive())
same(await req.receive(), 'q')
for (const socket of [req, rep]) socket.close()

const [answers, questions] = [new sp.Rep(), new sp.Req()]
const { address } = await answers.listen('tcp://127.0.0.1:0')
await questions.dial(address)
const answered = answers.receive().then(question => answers.send(`${question}!`))
same(await questions.request('hello'), 'hello!')
await answered
for (const socket of [questions, answers]) await socket.close()
console.log('ok')
process.exit(0)
