// What goes by reference: a function that is called back, an object that stays where it is and is released by `using`, a call
// on what a call will give, and streams in both directions:
//
//   npx tsx examples/rpc/references.ts

import { ByReference, connect, serve } from 'posthorn/rpc'

class Account extends ByReference {
  #balance = 0
  deposit(sum: number): number {
    this.#balance += sum
    return this.#balance
  }
}

const bank = {
  open: (): Account => new Account(),
  async audit(entries: readonly number[], check: (entry: number) => Promise<boolean>): Promise<number> {
    let passed = 0
    for (const entry of entries) if (await check(entry)) passed++
    return passed
  },
  async *countdown(from: number): AsyncGenerator<number> {
    for (let n = from; n > 0; n--) yield n
  },
  async sum(entries: AsyncIterable<number>): Promise<number> {
    let sum = 0
    for await (const entry of entries) sum += entry
    return sum
  },
}

await using server = await serve(bank)
await using remote = await connect<typeof bank>(server.address)

console.log('called back:', await remote.audit([5, -1, 7], entry => entry > 0), 'of 3 entries passed')

{
  using account = await remote.open()
  await account.deposit(20)
  console.log('a remote object:', await account.deposit(5), 'in the account,', server.held, 'held by clients')
}
console.log('a call on what a call will give:', await remote.open().deposit(1))

const seen: number[] = []
for await (const n of remote.countdown(3)) seen.push(n)
console.log('a stream comes:', seen.join(' '))

async function* entries(): AsyncGenerator<number> {
  yield* [1, 2, 3]
}
console.log('a stream goes:', await remote.sum(entries()))
