// RabbitMQ's clients against the AMQP 0-9-1 head: amqplib case by case, the others each in their own words.

import { type Scene, scene } from '../clients/amqplib.ts'
import type { Stage } from '../stage.ts'
import { errors } from './amqp/errors.ts'
import { amqpLogins } from './amqp/logins.ts'
import { messages } from './amqp/messages.ts'
import { programs } from './amqp/programs.ts'
import { rabbitmqClient } from './amqp/rabbitmq-client.ts'
import { rules } from './amqp/rules.ts'
import { topology } from './amqp/topology.ts'

type Cases = Readonly<Record<string, (scene: Scene) => Promise<void>>>

export async function amqp(stage: Stage): Promise<void> {
  for (const cases of [topology, messages, rules, errors] satisfies readonly Cases[])
    for (const [title, body] of Object.entries(cases))
      await stage.report.run(`amqplib: ${title}`, () => scene(stage.amqp.url, body))
  await amqpLogins(stage)
  await rabbitmqClient(stage)
  await programs(stage)
}
