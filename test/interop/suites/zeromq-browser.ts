// ZeroMQ in headless Chromium, over WebSocket with libzmq where it has that, and with ours. The page does its part, and reports
// to the server that it came from.

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deferred } from '../../../src/flow/index.ts'
import * as zmq from '../../../src/sockets/zmq/index.ts'
import { root } from '../broker.ts'
import { installDebian } from '../debian.ts'
import { exists, launch } from '../processes.ts'
import { type Report, same } from '../report.ts'

const LIMIT_MS = 20_000
const bundle = join(root, 'dist', 'sockets', 'zmq', 'browser', 'bundle.js')

/** What the page does with an endpoint, as text of its program. */
const parts = {
  req: `const socket = new zmq.Request(); socket.connect(ENDPOINT)
    for (const message of [['q'], ['a', 'b'], ['x'.repeat(100000)]]) {
      await socket.send(message)
      said.push((await socket.receive()).map(one => String(one).slice(0, 3)).join('|'))
    }
    socket.close()`,
  sub: `const socket = new zmq.Subscriber(); socket.subscribe('t'); socket.connect(ENDPOINT)
    for (let n = 0; n < 2; n++) said.push((await socket.receive()).map(String).join('|'))
    socket.close()`,
  push: `const socket = new zmq.Push(); socket.connect(ENDPOINT)
    for (const message of ['hello', ['a', '', 'c'], ['x'.repeat(100000), 'end']]) await socket.send(message)
    await socket[Symbol.asyncDispose](); said.push('sent')`,
  inproc: `const [pull, push] = [new zmq.Pull(), new zmq.Push()]
    await pull.bind('inproc://page'); push.connect('inproc://page')
    await push.send('here'); said.push(String(await pull.receive())); push.close(); pull.close()`,
} as const

/** `program`: libzmq's peer of the ZeroMQ suite, if it has WebSocket. */
export async function zeromqBrowser(report: Report, program: string | undefined): Promise<void> {
  if (!(await exists('chromium', ['--version']))) {
    const refused = await installDebian(['chromium'])
    if (refused !== undefined) return report.skipped('ZeroMQ in a browser', refused)
  }
  await report.run('Chromium: REQ, SUB and inproc with ours', withOurs)
  if (program === undefined || !existsSync(program))
    report.skipped('ZeroMQ in a browser with libzmq', 'libzmq here has no WebSocket, or there is no compiler')
  else {
    const libzmq = (title: string, type: string, steps: string, part: keyof typeof parts, said: string[]) =>
      report.run(`Chromium: ${title} of libzmq over ws`, () => withLibzmq([program, type, steps], part, said))
    await libzmq('REQ to REP', 'REP', 'echo:3', 'req', ['q', 'a|b', 'xxx'])
    await libzmq('SUB to XPUB', 'XPUB', 'recv:\x01t,spam:t1|body', 'sub', ['t1|body', 't1|body'])
    await libzmq('PUSH to PULL', 'PULL', 'recv:hello,recv:a||c,recv:L100000|end', 'push', ['sent'])
  }
}

async function withOurs(): Promise<void> {
  const context = new zmq.Context()
  const reply = new zmq.Reply({ context })
  await reply.bind('ws://127.0.0.1:*')
  const publisher = new zmq.Publisher({ context })
  await publisher.bind('ws://127.0.0.1:*')
  const serve = async (): Promise<void> => {
    for await (const question of reply) await reply.send(question)
  }
  void serve()
  const telling = setInterval(() => void publisher.send(['t1', 'body']), 20)
  try {
    same(await played('req', reply.lastEndpoint), ['q', 'a|b', 'xxx'], 'REQ')
    same(await played('sub', publisher.lastEndpoint), ['t1|body', 't1|body'], 'SUB')
    same(await played('inproc', null), ['here'], 'inproc')
  } finally {
    clearInterval(telling)
    reply.close()
    publisher.close()
  }
}

async function withLibzmq(
  [command = '', type = '', steps = '']: readonly string[],
  part: keyof typeof parts,
  said: readonly string[],
): Promise<void> {
  const endpoint = `ws://127.0.0.1:${await freePort()}/`
  const peer = launch({ command, args: [type, 'bind', endpoint, steps] })
  const ended = new Promise<number | null>(resolve => peer.once('exit', resolve))
  await new Promise(resolve => peer.stdout?.once('data', resolve))
  try {
    same(await played(part, endpoint), said, 'the page said')
    if (!steps.includes('spam')) same(await ended, 0, 'exit of the peer')
  } finally {
    peer.kill()
  }
}

/** Opens the page in Chromium and waits for what it has to say. Errors: what went wrong in the page; nothing within the limit. */
async function played(part: keyof typeof parts, endpoint: string | null): Promise<unknown> {
  const page = `<!doctype html><script type="module">
    import * as zmq from '/bundle.js'
    const said = []
    const report = result => fetch('/report', { method: 'POST', body: JSON.stringify(result) })
    try { ${parts[part].replace('ENDPOINT', JSON.stringify(endpoint))}; await report(said) }
    catch (error) { await report(String(error.stack)) }
  </script>`
  const reported = deferred<unknown>()
  const server = createServer((request, response) => {
    if (request.url === '/bundle.js')
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(bundle))
    else if (request.url === '/report') {
      const chunks: Buffer[] = []
      request.on('data', chunk => chunks.push(chunk))
      request.on('end', () => {
        response.end()
        reported.resolve(JSON.parse(Buffer.concat(chunks).toString()))
      })
    } else response.writeHead(200, { 'content-type': 'text/html' }).end(page)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const profile = mkdtempSync(join(tmpdir(), 'posthorn-chromium-'))
  const { port } = server.address() as AddressInfo
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    `--user-data-dir=${profile}`,
  ]
  const browser = launch({ command: 'chromium', args: [...flags, `http://127.0.0.1:${port}/`] })
  browser.stderr?.resume()
  const gone = new Promise(resolve => browser.once('exit', resolve))
  const timer = setTimeout(
    () => reported.reject(new Error(`the page said nothing within ${LIMIT_MS} ms`)),
    LIMIT_MS,
  )
  try {
    return await reported.promise
  } finally {
    clearTimeout(timer)
    browser.kill()
    await gone
    server.closeAllConnections()
    server.close()
    await removed(profile)
  }
}

/** The browser's helpers end after it, and write into the folder until they do. */
async function removed(profile: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(profile, { recursive: true, force: true })
      return
    } catch (error) {
      if (tries === 50) throw error
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}
