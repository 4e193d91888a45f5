// Every client's admin calls; each step that a client reports is a case.

import type { Stage } from '../stage.ts'

export async function administration({ clients, report, plain }: Stage): Promise<void> {
  for (const { name, administer } of clients) {
    if (administer === undefined) {
      report.skipped(`${name}: administration`, 'this client has none')
      continue
    }
    const steps = await report.run(`${name}: administration`, () => administer(plain))
    for (const { step, error } of steps ?? [])
      await report.run(`${name}: ${step}`, () => {
        if (error !== undefined) throw new Error(error)
      })
  }
}
