// The ten steps of a remote procedure call, as the textbooks count them (Birrell and Nelson 1984; Tanenbaum and van Steen,
// Distributed Systems, section 4.2), each with the moment at which it was done. Of a server in another process only the
// caller's five are seen.

import type { Json, RowOf } from '../../../output/columns.ts'
import type { Moments, Recorder } from './recorder.ts'

export const stepColumns = {
  step: { type: 'integer', summary: 'Which of the ten steps' },
  who: { type: 'string', summary: 'Who does it' },
  what: { type: 'string', summary: 'What is done' },
  at: {
    type: 'number',
    header: 'µs',
    summary: 'µs from the call until the step was done; null when it is not seen',
    nullable: true,
  },
  took: { type: 'number', header: 'took', summary: 'µs since the last step that is seen', nullable: true },
  message: { type: 'string', summary: 'CALL, RESULT or FAULT', nullable: true },
  bytes: { type: 'integer', summary: 'Bytes of the message, with its length', nullable: true },
  hex: { type: 'string', summary: 'The message', wide: true, nullable: true },
  fields: { type: 'json', summary: 'The message, taken apart', wide: true, nullable: true },
} as const

export type StepRow = RowOf<typeof stepColumns>

interface Step {
  readonly who: string
  readonly what: string
  readonly moment?: keyof Moments
  readonly message?: 'call' | 'result'
}

/** How the two calls read in the language: `append("milk", inout(["tea"]))` and `["tea","milk"]`. */
export interface Wording {
  readonly call: string
  readonly returned: string
}

/** The steps of what was recorded. Without moments of the server they are shown as not seen. */
export function stepsOf(recorder: Recorder, wording: Wording): readonly StepRow[] {
  const { moments } = recorder
  const began = moments.called ?? 0
  let last = began
  return steps(wording).map(({ who, what, moment, message }, n) => {
    const at = moment === undefined ? undefined : moments[moment]
    const took = at === undefined ? null : micros(at - last)
    if (at !== undefined) last = at
    const shown = message === undefined ? undefined : recorder[message]
    return {
      step: n + 1,
      who,
      what,
      at: at === undefined ? null : micros(at - began),
      took: n === 0 ? null : took,
      message: shown?.frame.name ?? null,
      bytes: shown?.bytes.length ?? null,
      hex: shown?.bytes.toString('hex') ?? null,
      fields: shown === undefined ? null : shown.frame.parts.map((part): Json => ({ ...part })),
    }
  })
}

function steps({ call, returned }: Wording): readonly Step[] {
  return [
    { who: 'client', what: `calls the stub: ${call}`, moment: 'called' },
    {
      who: 'client stub',
      what: 'packs the parameters into a message, and calls its operating system',
      moment: 'callSent',
      message: 'call',
    },
    { who: "client's OS", what: 'sends the message to the remote operating system' },
    { who: "server's OS", what: 'gives the message to the server stub', moment: 'callReceived' },
    { who: 'server stub', what: 'unpacks the parameters, and calls the server', moment: 'methodBegan' },
    { who: 'server', what: 'does the work, and returns the result to the stub', moment: 'methodEnded' },
    {
      who: 'server stub',
      what: 'packs the result into a message, and calls its operating system',
      moment: 'resultSent',
      message: 'result',
    },
    { who: "server's OS", what: "sends the message to the client's operating system" },
    { who: "client's OS", what: 'gives the message to the client stub', moment: 'resultReceived' },
    {
      who: 'client stub',
      what: `unpacks the result, and returns it to the client: ${returned}`,
      moment: 'returned',
    },
  ]
}

/** µs with one digit: the clock has no more. */
function micros(ms: number): number {
  return Math.round(ms * 10_000) / 10
}
