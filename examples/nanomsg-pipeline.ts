// A ventilator gives work to workers, who give results to a sink:
//
//   npx tsx examples/nanomsg-pipeline.ts

import { Pull, Push } from 'posthorn/nanomsg'

await using ventilator = new Push()
await using sink = new Pull()
const work = (await ventilator.listen('inproc://work')).address
const results = (await sink.listen('inproc://results')).address

const workers = await Promise.all(
  [1, 2, 3].map(async () => {
    const [tasks, done] = [new Pull(), new Push()]
    await tasks.dial(work)
    await done.dial(results)
    void (async () => {
      for await (const task of tasks) await done.send(String(Number(task) ** 2))
    })()
    return [tasks, done]
  }),
)

for (let n = 1; n <= 100; n++) await ventilator.send(String(n))
let sum = 0
for (let n = 1; n <= 100; n++) sum += Number(await sink.receive())
console.log(`the sum of 100 squares is ${sum}`)
for (const socket of workers.flat()) await socket.close()
