// A call that waits for a connection to come back keeps the process. The case is a program of its own: one that ends sooner
// (Node's 13: nobody settles what it awaits) has no answer to print.

import { execFile } from 'node:child_process'
import { expect, it } from 'vitest'

const program = `
import { connectOnc, program, serveOnc, service, xdr } from 'posthorn/rpc'
const LAB = program({
  name: 'LAB', program: 0x20000077, version: 1,
  procedures: { ONE: { number: 1, argument: xdr.nothing, result: xdr.string() } },
})
const serve = at => serveOnc(at, [service(LAB, { ONE: () => 'one' })])
const first = await serve('tcp://127.0.0.1:*')
const connection = await connectOnc(first.address, { reconnect: true })
const { ONE } = connection.client(LAB)
const answers = [await ONE()]
await first.close()
let second
setTimeout(async () => { second = await serve(first.address) }, 150).unref()
answers.push(await ONE())
console.log(answers.join(' '))
await connection.close()
await second.close()
`

it('a call over a connection that was lost keeps the process until it is there again', async () => {
  const said = await new Promise(resolve =>
    execFile(process.execPath, ['--input-type=module', '-e', program], (error, out) =>
      resolve(`${out.trim()}, ${error?.code ?? 0}`),
    ),
  )
  expect(said).toBe('one one, 0')
})
