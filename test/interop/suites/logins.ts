// Logins over TLS: every client with every mechanism, and the wrong password refused.

import { type Client, mechanisms } from '../client.ts'
import { contents, textRows } from '../contents.ts'
import { same, skip } from '../report.ts'
import type { Stage } from '../stage.ts'

export async function logins(stage: Stage): Promise<void> {
  await Promise.all(stage.clients.map(client => loginsOf(stage, client)))
}

async function loginsOf({ report, secured }: Stage, client: Client): Promise<void> {
  for (const mechanism of mechanisms)
    await report.run(`${client.name} logs in with ${mechanism} over TLS, writes and reads`, async () => {
      const target = secured(mechanism) ?? skip('there is no TLS listener')
      const topic = `login-${client.name}-${mechanism}`
      const rows = textRows(topic).slice(0, 3)
      await client.produce(target, topic, 'none', rows)
      same(contents(await client.consume(target, [topic], rows.length)), contents(rows), 'records')
    })
  await report.run(`${client.name} is refused with a wrong password`, async () => {
    const target = secured('SCRAM-SHA-512', 'wrong') ?? skip('there is no TLS listener')
    const done = await client
      .produce(target, `refused-${client.name}`, 'none', textRows('x').slice(0, 1))
      .then(
        () => 'written',
        error => String(error),
      )
    if (!/auth|sasl|NoBrokersAvailable/i.test(done)) throw new Error(`it was not the login: ${done}`)
  })
}
