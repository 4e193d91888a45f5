// Worker threads that end while somebody waits in a socket. `zeromq` 6.8 aborts the process there, with 12 of 12 workers.
// Workers run the built package.

import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { Pull } from './classes.ts'

const waiting = `
  const { parentPort } = require('node:worker_threads')
  import('posthorn/zeromq').then(async ({ Pull, Request }) => {
    const pull = new Pull()
    await pull.bind('tcp://127.0.0.1:*')
    void pull.receive().catch(() => {})
    const request = new Request()
    request.connect('tcp://127.0.0.1:9')
    void request.send('nobody answers')
    END
  })
`

/** The worker's exit code. */
function ended(end: string, onReady: (worker: Worker) => void = () => {}): Promise<number> {
  const worker = new Worker(waiting.replace('END', end), { eval: true, execArgv: [] })
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', resolve)
    worker.once('message', () => onReady(worker))
  })
}

describe('a worker with a receive that waits', () => {
  it('can be terminated', async () => {
    const code = await ended("parentPort.postMessage('ready')", worker => void worker.terminate())
    expect(code).toBe(1)
  })

  it('can end by itself', async () => {
    expect(await ended('process.exit(0)')).toBe(0)
  })

  it('ends when its sockets are closed', async () => {
    const code = await ended(
      'pull.receive().catch(() => {}); request.linger = 0; pull.close(); request.close()',
    )
    expect(code).toBe(0)
  })

  it('sends to a socket of another thread', async () => {
    const pull = new Pull()
    await pull.bind('tcp://127.0.0.1:*')
    const code = ended(
      `const { Push } = await import('posthorn/zeromq'); const push = new Push(); push.connect('${pull.lastEndpoint}')
       await push.send('from a worker'); await push[Symbol.asyncDispose](); process.exit(0)`,
    )
    expect(String(await pull.receive())).toBe('from a worker')
    expect(await code).toBe(0)
    pull.close()
  })
})
