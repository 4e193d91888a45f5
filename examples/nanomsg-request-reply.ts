// Requests and answers, many at a time:
//
//   npx tsx examples/nanomsg-request-reply.ts

import { Rep, Req } from 'posthorn/nanomsg'

await using answers = new Rep()
const { address } = await answers.listen('tcp://127.0.0.1:0')
for (let worker = 0; worker < 3; worker++) void answer()

async function answer(): Promise<void> {
  const context = answers.context()
  for await (const question of context)
    await context.send(`${question} is ${String(question).length} letters long`)
}

await using questions = new Req()
await questions.dial(address)
const asked = ['tea', 'milk', 'sugar'].map(word => questions.request(word, { timeoutMs: 5000 }))
for (const reply of await Promise.all(asked)) console.log(String(reply))
