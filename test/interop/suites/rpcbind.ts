// rpcbind: Debian's, asked by our client and answering what is wrong; daemons in C found by it and called with stubs made of Debian's
// own .x files; rpcinfo(8) and a daemon in C against our small rpcbind; and TLS with Python.

import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { connect as tcpConnect } from 'node:net'
import { join } from 'node:path'
import {
  connectOnc,
  connectRpcbind,
  PORTMAP_V2,
  type Program,
  program,
  RPCBIND_V3,
  RPCBIND_V4,
  type Rpcbind,
  serveOnc,
  serveRpcbind,
  service,
  xdr,
} from 'posthorn/rpc'
import { root } from '../broker.ts'
import { makeCertificates } from '../certificate.ts'
import { execute, exists, succeed } from '../processes.ts'
import { has, type Report, same, skip } from '../report.ts'
import {
  type Daemons,
  foreignRpcinfo,
  ourRun,
  startDaemons,
  startRstatd,
  unpackDaemons,
} from '../rpc-daemons.ts'
import { installRpcgen } from '../rpcgen.ts'
import type { Stage } from '../stage.ts'
import { cache, python } from '../tools.ts'

const LEDGER = program({
  name: 'LEDGER_V1',
  program: 0x2000_0001,
  version: 1,
  procedures: {
    NULL: { number: 0, argument: xdr.nothing, result: xdr.nothing },
    WHO: { number: 1, argument: xdr.nothing, result: xdr.string() },
  },
})
const ledger = service(LEDGER, {
  NULL: () => undefined,
  WHO: (_, { peer }) => peer.certificate?.commonName ?? 'nobody',
})
const LEDGER_NUMBER = String(LEDGER.program)

export async function rpcbind({ report }: Stage): Promise<void> {
  await tlsWithPython(report)
  await installRpcgen()
  const why = await unpackDaemons()
  if (why !== undefined) {
    report.skipped('rpcbind', why)
    return
  }
  const daemons = await startDaemons()
  try {
    await askTheirs(report, daemons)
    await callDaemons(report)
    for (const row of oracle)
      await report.run(`rpcbind answers ${row[0]} as in our table`, () => holds(row, row[2]))
  } finally {
    await daemons.stop()
  }
  await answerTheirs(report)
}

const places = (daemons: Daemons): readonly (readonly [string, string])[] => [
  ['tcp', 'tcp://127.0.0.1:111'],
  ['udp', 'udp://127.0.0.1:111'],
  ['its socket', daemons.socket],
]

async function askTheirs(report: Report, daemons: Daemons): Promise<void> {
  for (const [how, address] of places(daemons))
    await report.run(
      `rpcbind takes a registration of ours over ${how}, says it, and gives it back`,
      async () => {
        await using theirs = await connectRpcbind(address)
        const netid = how === 'udp' ? 'udp' : how === 'tcp' ? 'tcp' : 'local'
        const at = netid === 'local' ? '/run/seven.sock' : '127.0.0.1.8.1'
        const one = { program: 0x2000_0007, version: 3, netid, address: at, owner: '' }
        same(await theirs.register(one), true, 'registered')
        same(await theirs.register({ ...one, address: `${at}1` }), false, 'registered at another address')
        same(await theirs.lookUp(one), at, 'address')
        same(await theirs.lookUpVersion({ ...one, version: 4 }), undefined, 'address of another version')
        // Of its socket it gives none: only those of the family by which it is asked, which are of IP.
        const ways = (await theirs.addresses(one)).map(way => way.netid)
        same(ways, netid === 'local' ? [] : [netid], 'ways')
        const listed = (await theirs.list()).find(two => two.program === one.program)
        same([listed?.netid, listed?.address], [netid, at], 'in the list')
        same(await theirs.unregister(one), true, 'taken back')
        same(await theirs.lookUp(one), undefined, 'address afterwards')
        same(Math.abs((await theirs.time()) - Date.now() / 1000) < 5, true, 'its clock is ours')
        same((await theirs.statistics()).length, 3, 'versions with statistics')
      },
    )
  await report.run('rpcbind takes and says it in version 2', async () => {
    await using connection = await connectOnc('tcp://127.0.0.1:111')
    const two = connection.client(PORTMAP_V2)
    const mapping = { program: 0x2000_0008, version: 1, protocol: 17, port: 2049 }
    same(await two.SET(mapping), true, 'set')
    same(await two.GETPORT({ ...mapping, port: 0 }), 2049, 'port')
    const listed = (await two.DUMP()).filter(one => one.program === mapping.program)
    same(listed, [mapping], 'in the dump')
    same(await two.UNSET(mapping), true, 'unset')
    same(await two.GETPORT({ ...mapping, port: 0 }), 0, 'port afterwards')
  })
  for (const asked of [RPCBIND_V3, RPCBIND_V4])
    await report.run(`rpcbind answers version ${asked.version}`, async () => {
      await using connection = await connectOnc('tcp://127.0.0.1:111')
      const client = connection.client(asked)
      const own = { program: 100_000, version: 4, netid: 'tcp', address: '', owner: '' }
      has(await client.GETADDR(own), /^\d+\.\d+\.\d+\.\d+\.0\.111$/, 'address')
      same(
        (await client.DUMP()).some(one => one.netid === 'tcp6'),
        true,
        'tcp6 in the dump',
      )
    })
  for (const way of ['tcp', 'udp'])
    await report.run(`a server of ours registers with rpcbind, and is found over ${way}`, async () => {
      const server = await serveOnc(`${way}://127.0.0.1:*`, [ledger], {
        register: { rpcbind: daemons.socket },
      })
      const client = await connectOnc(`${way}://127.0.0.1:0`, { program: LEDGER })
      same(await client.client(LEDGER).WHO(), 'nobody', 'answer')
      await client.close()
      const { lines } = await foreignRpcinfo([way === 'tcp' ? '-t' : '-u', '127.0.0.1', LEDGER_NUMBER])
      same(lines, [`program ${LEDGER_NUMBER} version 1 ready and waiting`], 'rpcinfo(8)')
      await server.close()
      const after = await foreignRpcinfo([way === 'tcp' ? '-t' : '-u', '127.0.0.1', LEDGER_NUMBER, '1'])
      has(after.lines.join(), /not registered|not available/i, 'rpcinfo(8) afterwards')
    })
  await report.run('posthorn rpcinfo shows what rpcinfo(8) shows', async () => {
    const { stdout } = await succeed({
      command: process.execPath,
      args: [cli, 'rpcinfo', '-p', '127.0.0.1', '--json'],
    })
    const ours = (JSON.parse(String(stdout)) as Record<string, unknown>[]).map(
      one => `${one.program} ${one.version} ${one.netid} ${one.port}`,
    )
    const theirs = (await foreignRpcinfo(['-p', '127.0.0.1'])).lines
      .slice(1)
      .map(line => line.split(' ').slice(0, 4).join(' '))
    same(ours.toSorted(), theirs.toSorted(), 'rows')
  })
}

const cli = join(root, 'dist/cli/main.js')

async function callDaemons(report: Report): Promise<void> {
  await report.run('rpc.rstatd answers stubs made of rstat.x', async () => {
    const stubs = await compiled('rstat')
    const version = stubs.RSTATVERS_TIME as Program
    await using theirs = await connectRpcbind('udp://127.0.0.1:111')
    await registered(theirs, version)
    await using connection = await connectOnc('udp://127.0.0.1:0', {
      program: version,
      ignoreExtraBytes: true, // it sends four bytes more than rstat.x has
    })
    const { RSTATPROC_STATS: ask, RSTATPROC_HAVEDISK: haveDisk } = connection.client(
      version,
    ) as unknown as Readonly<Record<string, () => Promise<unknown>>>
    const stats = (await ask?.()) as {
      readonly curtime: { readonly tv_sec: number }
      readonly cp_time: unknown[]
    }
    same(Math.abs(stats.curtime.tv_sec - Date.now() / 1000) < 5, true, 'its clock is ours')
    same(stats.cp_time.length, 4, 'counters')
    same(typeof (await haveDisk?.()), 'number', 'whether there is a disk')
  })
  await report.run('rpc.rusersd answers stubs made of rusers.x', async () => {
    const stubs = await compiled('rusers')
    const version = stubs.RUSERSVERS_3 as Program
    await using theirs = await connectRpcbind('udp://127.0.0.1:111')
    await registered(theirs, version)
    await using connection = await connectOnc('udp://127.0.0.1:0', { program: version })
    const client = connection.client(version) as unknown as Readonly<Record<string, () => Promise<unknown>>>
    const count = await client.RUSERSPROC_NUM?.()
    const names = await client.RUSERSPROC_NAMES?.()
    same(Array.isArray(names) ? names.length : names, count, 'as many users as it counts')
  })
}

/** Waits until a program is there: daemons register when they are ready. */
async function registered(
  where: Rpcbind,
  wanted: { readonly program: number; readonly version: number },
): Promise<void> {
  for (let tries = 0; (await where.lookUpVersion(wanted)) === undefined; tries++) {
    if (tries > 100) throw new Error(`program ${wanted.program} does not register`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

/** The stubs of one of Debian's .x files. */
async function compiled(name: string): Promise<Readonly<Record<string, unknown>>> {
  const source = `/usr/include/rpcsvc/${name}.x`
  if (!existsSync(source)) skip(`${source} is not there (rpcsvc-proto)`)
  const folder = join(cache, 'rpcbind', 'stubs')
  mkdirSync(folder, { recursive: true })
  const target = join(folder, `${name}.ts`)
  await succeed({ command: process.execPath, args: [cli, 'idl', 'compile', source, target] })
  return (await import(target)) as Readonly<Record<string, unknown>>
}

const head = (number: number, version: number, procedure: number) => [7, 0, 2, number, version, procedure]
const none = [0, 0]
const gids = Array.from({ length: 17 }, (_, n) => n)
type Answer = readonly number[] | 'ended'
type Row = readonly [title: string, fragments: readonly (readonly number[])[], theirs: Answer, ours?: Answer]

/** What is sent, what rpcbind 1.2.6 answers, and what we answer where that differs. */
const oracle: readonly Row[] = [
  ['an unknown program', [[...head(99, 1, 0), ...none, ...none]], [7, 1, 0, 0, 0, 1]],
  ['version 99', [[...head(100_000, 99, 0), ...none, ...none]], [7, 1, 0, 0, 0, 2, 2, 4]],
  ['procedure 77', [[...head(100_000, 2, 77), ...none, ...none]], [7, 1, 0, 0, 0, 3]],
  ['truncated arguments', [[...head(100_000, 2, 3), ...none, ...none, 1, 2]], [7, 1, 0, 0, 0, 4]],
  ['the probe for TLS', [[...head(100_000, 2, 0), 7, 0, ...none]], [7, 1, 1, 1, 2]],
  ['flavor 99', [[...head(100_000, 2, 0), 99, 0, ...none]], [7, 1, 1, 1, 2]],
  ['17 groups', [[...head(100_000, 2, 0), 1, 88, 0, 0, 0, 0, 17, ...gids, ...none]], [7, 1, 1, 1, 1]],
  ['AUTH_SYS cut off', [[...head(100_000, 2, 0), 1, 4, 0, ...none]], [7, 1, 1, 1, 1]],
  [
    '404 bytes of credential',
    [[...head(100_000, 2, 0), 1, 404, ...new Array<number>(101).fill(0), ...none]],
    'ended',
  ],
  ['a reply', [[7, 1, 0, 0, 0, 0]], 'ended'],
  ['version 3 of RPC', [[7, 0, 3, 100_000, 2, 0, ...none, ...none]], 'ended', [7, 1, 1, 0, 2, 2]],
  ['a call in three fragments', [head(100_000, 2, 0), none, none], 'ended', [7, 1, 0, 0, 0, 0]],
]

async function holds([, fragments]: Row, expected: Answer): Promise<void> {
  same(await ask(fragments), expected, 'answer')
}

/** Sends a message in fragments to port 111, and gives the words of the answer. */
function ask(fragments: readonly (readonly number[])[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = tcpConnect({ host: '127.0.0.1', port: 111 })
    const words = fragments.flatMap((part, n) => [
      (n === fragments.length - 1 ? 0x8000_0000 : 0) + 4 * part.length,
      ...part,
    ])
    const bytes = Buffer.alloc(4 * words.length)
    for (const [n, word] of words.entries()) bytes.writeUInt32BE(word, 4 * n)
    const got: Buffer[] = []
    socket.setTimeout(5000, () => reject(new Error('no answer')))
    socket.on('data', chunk => {
      got.push(chunk)
      const all = Buffer.concat(got)
      if (all.length < 4 || all.length < 4 + (all.readUInt32BE(0) % 0x8000_0000)) return
      socket.destroy()
      resolve(Array.from({ length: all.length / 4 - 1 }, (_, n) => all.readUInt32BE(4 * n + 4)))
    })
    socket.once('error', () => resolve('ended'))
    socket.once('close', () => resolve('ended'))
    socket.write(bytes)
  })
}

async function answerTheirs(report: Report): Promise<void> {
  const run = ourRun()
  const socket = `ipc://${join(run, 'rpcbind.sock')}`
  await using _ = await serveRpcbind(['tcp://127.0.0.1:111', 'udp://127.0.0.1:111', socket])
  for (const row of oracle)
    await report.run(`our rpcbind answers ${row[0]} as in our table`, () => holds(row, row[3] ?? row[2]))
  const register = { rpcbind: socket }
  await using tcp = await serveOnc('tcp://127.0.0.1:*', [ledger], { register })
  await using udp = await serveOnc('udp://127.0.0.1:*', [ledger], { register })
  const [tcpPort, udpPort] = [tcp, udp].map(({ address }) => Number(address.split(':').at(-1)))
  const universal = `127.0.0.1.${(tcpPort ?? 0) >> 8}.${(tcpPort ?? 0) & 255}`
  const ready = `program ${LEDGER_NUMBER} version 1 ready and waiting`
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [['-p', '127.0.0.1'], new RegExp(`${LEDGER_NUMBER} 1 udp ${udpPort}`)],
    [['127.0.0.1'], /100000 4 tcp 127\.0\.0\.1\.0\.111 portmapper superuser/],
    [['-s', '127.0.0.1'], new RegExp(`${LEDGER_NUMBER} 1 (udp,tcp|tcp,udp) - superuser`)],
    [['-l', '127.0.0.1', LEDGER_NUMBER, '1'], new RegExp(universal.replaceAll('.', '\\.'))],
    [['-m', '127.0.0.1'], /PORTMAP \(version 2\) statistics/],
    [['-t', '127.0.0.1', LEDGER_NUMBER], new RegExp(ready)],
    [['-u', '127.0.0.1', LEDGER_NUMBER, '1'], new RegExp(ready)],
    [['-T', 'tcp', '127.0.0.1', LEDGER_NUMBER], new RegExp(ready)],
    [['-a', universal, '-T', 'tcp', LEDGER_NUMBER, '1'], new RegExp(ready)],
    [['-t', '127.0.0.1', '536870999', '1'], /not registered/i],
    [['-t', '127.0.0.1', LEDGER_NUMBER, '9'], /low version = 1, high version = 1/],
  ]
  for (const [args, expected] of rows)
    await report.run(`rpcinfo(8) ${args.join(' ').replace(universal, 'ADDRESS')} understands us`, async () =>
      has((await foreignRpcinfo(args)).lines.join('\n'), expected, 'what it prints'),
    )
  await report.run(
    'a daemon in C registers with our rpcbind, and rpcinfo(8) -d takes that back',
    async () => {
      const rstatd = await startRstatd(run)
      await using ours = await connectRpcbind('udp://127.0.0.1:111')
      await registered(ours, { program: 100_001, version: 3 })
      const { lines } = await foreignRpcinfo(['-u', '127.0.0.1', '100001', '3'])
      same(lines, ['program 100001 version 3 ready and waiting'], 'rpcinfo(8)')
      const gone = await foreignRpcinfo(['-d', '100001', '3'], run)
      same([gone.code, gone.lines], [0, []], 'rpcinfo(8) -d')
      same(await ours.lookUpVersion({ program: 100_001, version: 3 }), undefined, 'address afterwards')
      await rstatd.stop()
    },
  )
}

async function tlsWithPython(report: Report): Promise<void> {
  await report.run("Python's ssl goes over to TLS with our server, and shows its certificate", async () => {
    if (!(await exists(python, ['-c', 'import ssl']))) skip('there is no Python')
    const folder = join(cache, 'onc-tls')
    mkdirSync(folder, { recursive: true })
    const files = await makeCertificates(folder)
    const read = (path: string): string => readFileSync(path, 'utf8')
    const startTls = {
      ...{ cert: read(files.cert), key: read(files.key), ca: read(files.ca) },
      ...({ clientCertificate: 'required', required: true } as const),
    }
    await using server = await serveOnc('tcp://127.0.0.1:*', [ledger], { startTls })
    const script = join(import.meta.dirname, '..', 'python', 'rpc_tls.py')
    const port = server.address.split(':').at(-1) ?? ''
    const args = [script, port, files.ca, files.clientCert, files.clientKey, LEDGER_NUMBER, '1', '1']
    const { stdout, stderr } = await execute({ command: python, args })
    same(String(stdout).trim(), 'TLSv1.3 sunrpc certified', `what Python sees (${stderr.trim().slice(-200)})`)
  })
}
