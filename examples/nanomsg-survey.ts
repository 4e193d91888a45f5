// Who is there? A survey of all peers, for a fifth of a second:
//
//   npx tsx examples/nanomsg-survey.ts

import { Respondent, Surveyor } from 'posthorn/nanomsg'

await using surveyor = new Surveyor({ surveyMs: 200 })
const { address } = await surveyor.listen('ipc://*')
const three = new Promise<void>(resolve =>
  surveyor.notify(({ at }) => at === 'added' && surveyor.pipes.length === 3 && resolve()),
)

const respondents = ['ann', 'ben', 'eve'].map(name => ({ name, respondent: new Respondent() }))
for (const { name, respondent } of respondents) void respond(name, respondent)
async function respond(name: string, respondent: Respondent): Promise<void> {
  await respondent.dial(address)
  for await (const _ of respondent) await respondent.send(`${name} is here`)
}

await three
const names: string[] = []
for await (const answer of surveyor.survey('who is there?')) names.push(String(answer))
console.log(names.sort().join(', '))
for (const { respondent } of respondents) await respondent.close()
