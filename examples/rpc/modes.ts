// One interface, every way to call it: synchronous, asynchronous, deferred synchronous, one-way, polling; and several servers
// at once. Prints a line for each:
//
//   npx tsx examples/rpc/modes.ts

import {
  all,
  asynchronous,
  calling,
  connect,
  deferred,
  first,
  oneWay,
  polling,
  quorum,
  serve,
} from 'posthorn/rpc'

class Press {
  printed = 0
  async print(pages: number): Promise<string> {
    await new Promise(resolve => setTimeout(resolve, pages * 5))
    this.printed += pages
    return `${pages} pages`
  }
}

const press = new Press()
await using server = await serve(press)
await using remote = await connect<Press>(server.address)

console.log('synchronous:', await remote.print(1))

const job = asynchronous(remote).print(2)
console.log('asynchronous:', job.state, 'at first;', await job.result(), 'in the end;', job.state)

const accepted = await deferred(remote).print(3)
console.log('deferred synchronous: accepted; then the server brought', await accepted.result)

await oneWay(remote, 'processed').print(4)
console.log('one-way, until processed:', press.printed, 'pages in all')

const ticket = await polling(remote).print(5)
while ((await ticket.poll()) === 'running') await new Promise(resolve => setTimeout(resolve, 5))
console.log('polling: fetched', await ticket.take())

await using server2 = await serve(new Press())
await using remote2 = await connect<Press>(server2.address)
const presses = [remote, remote2]
const outcomes = await all(presses, one => one.print(1))
// The losers of `first` hear by the signal that nobody waits for them.
console.log('all:', outcomes.map(({ status }) => status).join(', '))
console.log('first:', await first(presses, (one, signal) => calling(one, { signal }).print(1)))
console.log('quorum of 2:', (await quorum(2, presses, one => one.print(1))).length, 'answers')
