// Who may come in, through amqplib and by hand: passwords, mechanisms, virtual hosts, and what is told to whom.

import { connect as connectTcp } from 'node:net'
import amqplib from 'amqplib'
import { has, same, until } from '../../report.ts'
import type { Stage } from '../../stage.ts'

const ENDS_MS = 10_000

export async function amqpLogins({ report, amqp: { url, port } }: Stage): Promise<void> {
  await report.run('amqplib: a wrong password is told (403)', async () => {
    has(await failure(url.replace('guest:guest', 'guest:wrong')), /403.*ACCESS.REFUSED/i, 'the error')
  })
  await report.run(
    'amqplib: a wrong password of a client that cannot be told: the socket ends, late',
    async () => {
      const began = performance.now()
      const silent = { clientProperties: { capabilities: {} } }
      has(await failure(url.replace('guest:guest', 'guest:wrong'), silent), /./, 'the error')
      if (performance.now() - began < 1000)
        throw new Error('it ended at once: passwords can be tried quickly')
    },
  )
  await report.run('amqplib: an unknown virtual host is refused (530)', async () => {
    has(await failure(`${url}/nowhere`), /ConnectionClose/, 'the error') // amqplib keeps the code for itself
  })
  await report.run('amqplib: AMQPLAIN, and a mechanism that is not offered (503)', async () => {
    const connection = await amqplib.connect(url, {
      credentials: amqplib.credentials.amqplain('guest', 'guest'),
    })
    await connection.close()
    const strange = { mechanism: 'X-STRANGE', response: () => Buffer.alloc(0) }
    has(await failure(url, { credentials: strange }), /./, 'the error')
  })
  await report.run('amqplib: update-secret is answered', async () => {
    const connection = await amqplib.connect(url)
    await connection.updateSecret(Buffer.from('new'), 'because')
    await connection.close()
  })
  await report.run('amqplib: a small frame size and few channels, as the client wants them', async () => {
    const connection = await amqplib.connect(`${url}?frameMax=4096&channelMax=2`)
    const channel = await connection.createChannel()
    const { queue } = await channel.assertQueue('', { exclusive: true })
    channel.sendToQueue(queue, Buffer.alloc(100_000, 'x'))
    const found = await channel.get(queue)
    same(found === false ? 0 : found.content.length, 100_000, 'bytes')
    await connection.close()
  })
  await report.run('a header of another protocol is answered with ours', async () => {
    const answer = await spoken(port, Buffer.from('AMQP\u0003\u0001\u0000\u0000', 'latin1'))
    same(answer.toString('latin1'), 'AMQP\u0000\u0000\u0009\u0001', 'the answer')
    same((await spoken(port, Buffer.from('GET / HTTP/1.1\r\n\r\n'))).length, 8, 'bytes to a browser')
  })
}

async function failure(url: string, options?: object): Promise<string> {
  return amqplib.connect(url, options).then(
    async connection => {
      await connection.close()
      throw new Error('it was let in')
    },
    error => String(error),
  )
}

/** What comes back until the server ends the connection. */
async function spoken(port: number, bytes: Buffer): Promise<Buffer> {
  const chunks: Buffer[] = []
  let ended = false
  const socket = connectTcp(port, '127.0.0.1', () => socket.write(bytes))
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('close', () => {
    ended = true
  })
  socket.on('error', () => {})
  await until('the end', () => (ended ? true : undefined), ENDS_MS)
  return Buffer.concat(chunks)
}
