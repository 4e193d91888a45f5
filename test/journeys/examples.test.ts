// The programs under examples/ run and end well.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')

describe('examples', () => {
  it.each([
    [['examples/in-process.ts'], /tea milk salt/],
    [['examples/ledger/main.ts'], /\[ 'tea', 'milk' \]/],
    [['examples/ledger/wire.ts'], /\[ 'tea', 'milk' \]/],
    [['--test', 'examples/orders.test.ts'], /pass 2\b/],
    [['--test', 'examples/nfs/nfs.test.ts'], /pass 12\b/],
    [['examples/nanomsg-pipeline.ts'], /the sum of 100 squares is 338350/],
    [['examples/nanomsg-request-reply.ts'], /tea is 3 letters long\nmilk is 4 letters long\n/],
    [['examples/nanomsg-survey.ts'], /ann is here, ben is here, eve is here/],
    [['examples/sockets-echo.ts'], /hello over TCP\nhello over a Unix-domain socket\n/],
    [['examples/sockets-datagrams.ts'], /tick 3 from 127\.0\.0\.1/],
    [['examples/rpc/append.ts'], /10 {2}client stub returns \["tea","milk"\]\n.*newlist is dbList: true/],
    [
      ['examples/rpc/modes.ts'],
      /one-way, until processed: 10 pages[\s\S]*polling: fetched 5[\s\S]*quorum of 2: 2/,
    ],
    [['examples/rpc/references.ts'], /back: 2 of 3[\s\S]*25 in the account, 1 held[\s\S]*3 2 1\n.*goes: 6/],
    [['examples/rpc/registry.ts'], /hello from ann\nhello from ben\n[\s\S]*ann has left: hello from ben/],
    [['examples/rpc/worker.ts'], /below 100,000: 9592, .* 0\.25, 0\.5, 0\.75/],
  ])('%j', (args, said) => {
    const { status, stdout, stderr } = spawnSync(join(root, 'node_modules', '.bin', 'tsx'), args, {
      cwd: root,
      encoding: 'utf8',
    })
    expect({ status, stderr: status === 0 ? '' : stderr + stdout }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(said)
  })
})
