// Which calls keep the process: those that wait do, connected or not, as with Node's own. A dialer that tries again by
// itself does not. Each case is a program of its own, which says `done` at its end; one that ends sooner (Node's 13: nobody
// settles what it awaits) said nothing.

import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'

// Nobody listens there: a port that was free a moment ago.
const nowhere = `const gone = new sp.Pull()
const { address } = await gone.listen('tcp://127.0.0.1:0')
gone.abort()
`

async function run(program: string): Promise<string> {
  const source = `const sp = await import('posthorn/nanomsg')\n${nowhere}${program}\nconsole.log('done')`
  return new Promise(resolve =>
    execFile(process.execPath, ['--input-type=module', '-e', source], (error, out) =>
      resolve(`${out.trim()} ${error?.code ?? 0}`),
    ),
  )
}

describe('the process goes on while somebody waits', () => {
  it.each([
    [
      'to send, in the pauses between attempts to connect',
      `const [push, pull] = [new sp.Push({ reconnectMinMs: 20 }), new sp.Pull()]
await push.dial(address, { background: true })
setTimeout(() => pull.listen(address), 60).unref()
await push.send('x')
for (const socket of [push, pull]) socket.abort()`,
      'done 0',
    ],
    [
      'to receive, until the time is up',
      `const sub = new sp.Sub()
sub.subscribe('')
await sub.dial(address, { background: true })
console.log(await sub.receive({ timeoutMs: 50 }).catch(error => error.code))`,
      'ETIMEDOUT\ndone 0',
    ],
  ])('%s', async (_, program, said) => {
    expect(await run(program)).toBe(said)
  })

  it('and ends when nobody does', async () => {
    expect(await run(`await new sp.Push().dial(address, { background: true })`)).toBe('done 0')
  })
})
