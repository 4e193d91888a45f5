// A pipeline: a ventilator hands out tasks, workers do them, a sink gathers the results.
//
//   npx tsx examples/zeromq-pipeline.ts

import { Pull, Push } from 'posthorn/zeromq'

const TASKS = 100
const ventilator = new Push()
await ventilator.bind('tcp://127.0.0.1:*')
const sink = new Pull()
await sink.bind('tcp://127.0.0.1:*')

async function work(tasks: Pull, results: Push): Promise<void> {
  for await (const [task] of tasks) await results.send(String(Number(task) * 2))
}

const sockets = [1, 2, 3].map(() => {
  const tasks = new Pull()
  tasks.connect(ventilator.lastEndpoint ?? '')
  const results = new Push()
  results.connect(sink.lastEndpoint ?? '')
  return { tasks, results }
})
const working = sockets.map(({ tasks, results }) => work(tasks, results))

for (let task = 1; task <= TASKS; task++) await ventilator.send(String(task))
let sum = 0
for (let left = TASKS; left > 0; left--) sum += Number((await sink.receive())[0])
console.log(`the sum is ${sum}`)

for (const { tasks, results } of sockets) {
  tasks.close()
  results.close()
}
ventilator.close()
sink.close()
await Promise.all(working)
