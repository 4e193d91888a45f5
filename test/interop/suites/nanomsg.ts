// posthorn/nanomsg against nng and nanomsg: every protocol, both directions, both sides listening, over TCP, IPC and
// WebSocket; large messages; a peer that comes back; and nngcat and nanocat as users run them.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Bus,
  Pair0,
  Pair1,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Respondent,
  type SpSocket,
  Sub,
  Surveyor,
} from '../../../src/sockets/sp/index.ts'
import { installDebian } from '../debian.ts'
import { execute, exists } from '../processes.ts'
import { same, until } from '../report.ts'
import { compilePeer, type Library, SpPeer } from '../sp-peer.ts'
import type { Stage } from '../stage.ts'

const packages = ['libnng-dev', 'nng-utils', 'libnanomsg-dev', 'nanomsg-utils', 'gcc', 'libc6-dev']

interface Case {
  readonly ours: string
  readonly theirs: string
  readonly make: () => SpSocket
  readonly talk: (ours: never, theirs: SpPeer) => Promise<void>
}

const hear = async (theirs: SpPeer, text: string): Promise<void> =>
  same(await theirs.tell('receive'), `got ${text}`, 'what the peer received')
const heard = async (ours: { receive(): Promise<Buffer> }, text: string): Promise<void> =>
  same(String(await ours.receive()), text, 'what was received')

async function bothWays(ours: Pair0 | Pair1 | Bus, theirs: SpPeer): Promise<void> {
  await ours.send('there')
  await hear(theirs, 'there')
  await theirs.tell('send back')
  await heard(ours, 'back')
  await ours.send(Buffer.alloc(300_000, 'y'))
  await hear(theirs, '300000 bytes of y')
  await theirs.tell('fill 300000')
  same((await ours.receive()).length, 300_000, 'the length of a long message')
}

const protocols: readonly Case[] = [
  { ours: 'pair0', theirs: 'pair0', make: () => new Pair0(), talk: bothWays as Case['talk'] },
  { ours: 'pair1', theirs: 'pair1', make: () => new Pair1(), talk: bothWays as Case['talk'] },
  {
    ours: 'pair1',
    theirs: 'pair1',
    make: () => new Pair1({ polyamorous: true }),
    talk: bothWays as Case['talk'],
  },
  { ours: 'bus', theirs: 'bus', make: () => new Bus(), talk: bothWays as Case['talk'] },
  {
    ours: 'push',
    theirs: 'pull',
    make: () => new Push(),
    talk: (async (ours: Push, theirs: SpPeer) => {
      for (let n = 0; n < 100; n++) await ours.send(`${n}`)
      for (let n = 0; n < 100; n++) await hear(theirs, `${n}`)
      await ours.send(Buffer.alloc(2_000_000, 'y'))
      await hear(theirs, '2000000 bytes of y')
    }) as Case['talk'],
  },
  {
    ours: 'pull',
    theirs: 'push',
    make: () => new Pull(),
    talk: (async (ours: Pull, theirs: SpPeer) => {
      for (let n = 0; n < 100; n++) await theirs.tell(`send ${n}`)
      for (let n = 0; n < 100; n++) await heard(ours, `${n}`)
      await theirs.tell('fill 2000000')
      same((await ours.receive()).length, 2_000_000, 'the length of a long message')
    }) as Case['talk'],
  },
  {
    ours: 'pub',
    theirs: 'sub',
    make: () => new Pub(),
    talk: (async (ours: Pub, theirs: SpPeer) => {
      await theirs.tell('subscribe a')
      for (const text of ['b1', 'a1', 'b2', 'a2']) await ours.send(text)
      for (const text of ['a1', 'a2']) await hear(theirs, text)
    }) as Case['talk'],
  },
  {
    ours: 'sub',
    theirs: 'pub',
    make: () => new Sub(),
    talk: (async (ours: Sub, theirs: SpPeer) => {
      ours.subscribe('a')
      for (const text of ['b1', 'a1', 'b2', 'a2']) await theirs.tell(`send ${text}`)
      for (const text of ['a1', 'a2']) await heard(ours, text)
    }) as Case['talk'],
  },
  {
    ours: 'req',
    theirs: 'rep',
    make: () => new Req(),
    talk: (async (ours: Req, theirs: SpPeer) => {
      for (const text of ['one', 'two']) {
        const answer = ours.request(text)
        await hear(theirs, text)
        await theirs.tell(`send ${text}!`)
        same(String(await answer), `${text}!`, 'the answer')
      }
    }) as Case['talk'],
  },
  {
    ours: 'rep',
    theirs: 'req',
    make: () => new Rep(),
    talk: (async (ours: Rep, theirs: SpPeer) => {
      for (const text of ['one', 'two']) {
        await theirs.tell(`send ${text}`)
        await heard(ours, text)
        await ours.send(`${text}!`)
        await hear(theirs, `${text}!`)
      }
    }) as Case['talk'],
  },
  {
    ours: 'surveyor',
    theirs: 'respondent',
    make: () => new Surveyor(),
    talk: (async (ours: Surveyor, theirs: SpPeer) => {
      await ours.send('who?')
      await hear(theirs, 'who?')
      await theirs.tell('send me')
      await heard(ours, 'me')
      const end = await ours.receive().catch((error: { readonly code: string }) => error.code)
      same(end, 'ETIMEDOUT', 'the end of the survey')
    }) as Case['talk'],
  },
  {
    ours: 'respondent',
    theirs: 'surveyor',
    make: () => new Respondent(),
    talk: (async (ours: Respondent, theirs: SpPeer) => {
      await theirs.tell('send who?')
      await heard(ours, 'who?')
      await ours.send('me')
      await hear(theirs, 'me')
    }) as Case['talk'],
  },
]

const ports = { next: 21_000 + (process.pid % 4000) }
const urls: Readonly<Record<string, () => string>> = {
  tcp: () => `tcp://127.0.0.1:${ports.next++}`,
  ipc: () => `ipc://${join(tmpdir(), `posthorn-sp-${process.pid}-${ports.next++}`)}`,
  ws: () => `ws://127.0.0.1:${ports.next++}/sp`,
}

async function oneCase(
  program: string,
  one: Case,
  scheme: string,
  listens: 'ours' | 'theirs',
): Promise<void> {
  const ours = one.make()
  const theirs = new SpPeer(program, one.theirs)
  const url = (urls[scheme] ?? urls.tcp)?.() ?? ''
  try {
    if (listens === 'ours') {
      await ours.listen(url)
      await theirs.tell(`dial ${url}`)
    } else {
      // nanomsg listens at no path of its own
      await theirs.tell(`listen ${isNanomsg(program) ? url.replace(/(:\d+)\/sp$/, '$1') : url}`)
      await ours.dial(url, { background: true })
    }
    await until('a pipe', () => (ours.pipes.length > 0 ? true : undefined))
    await theirs.tell('wait 50') // until the peer has its end too
    await one.talk(ours as never, theirs)
  } finally {
    theirs.end()
    ours.abort()
  }
}

function isNanomsg(program: string): boolean {
  return program.endsWith('nanomsg-peer')
}

async function comesBack(program: string): Promise<void> {
  const url = urls.tcp?.() ?? ''
  const ours = new Req({ reconnectMinMs: 20 })
  await ours.dial(url, { background: true })
  let theirs = new SpPeer(program, 'rep')
  try {
    await theirs.tell(`listen ${url}`)
    const answer = ours.request('still there?')
    await hear(theirs, 'still there?')
    theirs.end()
    theirs = new SpPeer(program, 'rep')
    await theirs.tell(`listen ${url}`)
    await hear(theirs, 'still there?')
    await theirs.tell('send yes')
    same(String(await answer), 'yes', 'the answer of the second peer')
  } finally {
    theirs.end()
    ours.abort()
  }
}

/** `refused`: why packages could not be installed. */
async function catSuite(
  { report }: Stage,
  command: 'nngcat' | 'nanocat',
  refused: string | undefined,
): Promise<void> {
  const isThere = await exists('sh', ['-c', `command -v ${command}`])
  if (!isThere) return report.skipped(command, refused ?? `there is no ${command} in these packages`)
  const [dial, listen] = command === 'nngcat' ? ['--dial', '--listen'] : ['--connect', '--bind']
  await report.run(`${command} --push to our Pull`, async () => {
    const pull = new Pull()
    const { address } = await pull.listen('tcp://127.0.0.1:0')
    const done = execute({ command, args: ['--push', dial, address, '--data', 'by hand'], timeoutMs: 5000 })
    await heard(pull, 'by hand')
    await pull.close()
    await done
  })
  await report.run(`${command} --req to our Rep`, async () => {
    const rep = new Rep()
    const { address } = await rep.listen('tcp://127.0.0.1:0')
    const done = execute({
      command,
      args: [
        '--req',
        dial,
        address,
        '--data',
        'question',
        '--ascii',
        // Without an interval nngcat sometimes asks for a negative time to wait, and ends before it has heard anything.
        ...(command === 'nngcat' ? ['-C', '1', '-i', '1'] : []),
      ],
      timeoutMs: 20_000,
    })
    await heard(rep, 'question')
    await rep.send('answer')
    same(String((await done).stdout).trim(), 'answer', 'what it printed')
    await rep.close()
  })
  await report.run(`${command} --respondent to our Surveyor`, async () => {
    const surveyor = new Surveyor({ surveyMs: 5000 })
    const url = urls.tcp?.() ?? ''
    const done = execute({
      command,
      args: [
        '--respondent',
        listen,
        url,
        '--data',
        'here',
        '--ascii',
        ...(command === 'nngcat' ? ['-C', '1'] : []),
      ],
      timeoutMs: 6000,
    })
    await surveyor.dial(url, { background: true })
    await until('a pipe', () => (surveyor.pipes.length > 0 ? true : undefined))
    await surveyor.send('who?')
    await heard(surveyor, 'here')
    surveyor.abort()
    if (command === 'nngcat') await done
  })
}

export async function nanomsg(stage: Stage): Promise<void> {
  const { report } = stage
  const refused = await installDebian(packages)
  for (const library of ['nng', 'nanomsg'] as const satisfies readonly Library[]) {
    const compiled = await compilePeer(library)
    if (compiled.at === 'missing') {
      report.skipped(library, refused ?? compiled.why)
      continue
    }
    for (const [scheme, one, listens] of matrix(library)) {
      const mode = one.make === protocols[2]?.make ? ' (polyamorous)' : ''
      await report.run(
        `${library}: our ${one.ours}${mode}, its ${one.theirs}, ${scheme}, ${listens} listens`,
        () => oneCase(compiled.program, one, scheme, listens),
      )
    }
    await report.run(`${library}: a request is sent again when its peer goes and another comes`, () =>
      comesBack(compiled.program),
    )
  }
  await catSuite(stage, 'nngcat', refused)
  await catSuite(stage, 'nanocat', refused)
}

function matrix(library: Library): (readonly [string, Case, 'ours' | 'theirs'])[] {
  const known = protocols.filter(({ ours }) => library === 'nng' || ours !== 'pair1')
  return ['tcp', 'ipc', 'ws'].flatMap(scheme =>
    known.flatMap(one => (['ours', 'theirs'] as const).map(listens => [scheme, one, listens] as const)),
  )
}
