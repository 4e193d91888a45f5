// `posthorn rpcinfo`: rpcinfo(8) with the same flags. What differs stands in its description.

import { isNetid, type Netid } from '../../rpc/rpcbind/netid.ts'
import { type Context, defineCommand } from '../command.ts'
import { CommandError } from '../exit.ts'
import { rpcinfoColumns } from './rpcinfo/columns.ts'
import { askEverybody } from './rpcinfo/everywhere.ts'
import { listAll, listPorts, listShort, listWays, netids } from './rpcinfo/list.ts'
import { addressOf, addressOfUniversal, ping } from './rpcinfo/ping.ts'
import { type Asking, withRpcbind } from './rpcinfo/place.ts'
import { printStatistics } from './rpcinfo/statistics.ts'
import { expectWords, programOf, versionOf } from './rpcinfo/words.ts'

const rpcinfoOptions = {
  ports: { type: 'boolean', short: 'p', summary: 'Ports of TCP and UDP, as version 2 of rpcbind says them' },
  short: { type: 'boolean', short: 's', summary: 'A line for each program' },
  statistics: { type: 'boolean', short: 'm', summary: 'What rpcbind was asked so far' },
  list: { type: 'boolean', short: 'l', summary: 'All ways to a program: give host, program and version' },
  tcp: { type: 'boolean', short: 't', summary: 'Call a program over TCP: give host, program, and a version' },
  udp: { type: 'boolean', short: 'u', summary: 'Call a program over UDP: give host, program, and a version' },
  port: {
    type: 'integer',
    short: 'n',
    min: 1,
    max: 65_535,
    valueName: 'port',
    summary: 'With -t and -u: the port, in place of asking rpcbind',
  },
  transport: {
    type: 'string',
    short: 'T',
    valueName: 'netid',
    summary:
      'Call a program over this transport: tcp, udp, tcp6, udp6, local; with -d: take back only this one',
  },
  address: {
    type: 'string',
    short: 'a',
    valueName: 'universal-address',
    summary: 'Call a program here, over the transport of -T: give program and version',
  },
  broadcast: {
    type: 'boolean',
    short: 'b',
    summary: 'Call a program on all machines of the network: give program and version',
  },
  delete: {
    type: 'boolean',
    short: 'd',
    summary: 'Take a registration on this machine back: give program and version',
  },
  rpcbind: {
    type: 'string',
    valueName: 'address',
    summary: 'Ask rpcbind here, in place of port 111: tcp://host:port, udp://host:port, ipc:///path',
  },
  timeout: {
    type: 'duration',
    default: '10s',
    valueName: 'duration',
    summary: 'How long answers are waited for',
  },
} as const

type Options = Context<typeof rpcinfoOptions>['options']

export const rpcinfo = defineCommand({
  path: ['rpcinfo'],
  summary: 'Show which programs of ONC RPC a machine serves, and whether they answer',
  description: `A program of ONC RPC (NFS, mount, quota, your own) has a number and listens at some port; rpcbind, at port 111 of its machine, knows which. Without flags this prints all that rpcbind knows of a host, or of this machine. With -t, -u, -T or -a it calls procedure 0 of a program, which does nothing, and says whether an answer came; without a version it calls all versions that there are.

The flags are those of rpcinfo(8). These differ: exit codes are posthorn's; -d asks before it takes something back, unless --yes is given; programs are given by number or by name (nfs, mountd, ...); --rpcbind names an rpcbind that is not at port 111. -b finds hardly anybody today, because rpcbind passes calls on only when it is told to.`,
  examples: [
    { text: 'What a machine serves', command: 'posthorn rpcinfo nas' },
    { text: 'In short', command: 'posthorn rpcinfo -s nas' },
    { text: 'Ports, for a script', command: 'posthorn rpcinfo -p nas -o json' },
    { text: 'Does NFS answer, in any version?', command: 'posthorn rpcinfo -t nas nfs' },
    {
      text: 'Does it at a certain address, without rpcbind?',
      command: 'posthorn rpcinfo -a 10.1.3.7.8.1 -T tcp nfs 4',
    },
    {
      text: 'Take back what a crashed server left registered',
      command: 'posthorn rpcinfo -d 536870913 1 --yes',
    },
  ],
  arguments: [
    { name: 'words', repeated: true, summary: 'Host, program, version: those that the flag asks for' },
  ],
  options: rpcinfoOptions,
  columns: rpcinfoColumns,
  foreignLetters: 'rpcinfo',
  destructive: true,
  async run(context) {
    const { options, output } = context
    const words = context.arguments.words ?? []
    const asking = askingOf(context)
    const mode = modeOf(options)
    switch (mode) {
      case 'all':
        return listAll(output, expectWords(words, 0, 1, '[HOST]')[0], asking)
      case 'ports':
        return listPorts(output, expectWords(words, 0, 1, '-p [HOST]')[0], asking)
      case 'short':
        return listShort(output, expectWords(words, 0, 1, '-s [HOST]')[0], asking)
      case 'statistics':
        return printStatistics(output, expectWords(words, 0, 1, '-m [HOST]')[0], asking)
      case 'list': {
        const [host = '', program = '', version = ''] = expectWords(words, 3, 3, '-l HOST PROGRAM VERSION')
        return listWays(output, host, { program: programOf(program), version: versionOf(version) }, asking)
      }
      case 'broadcast': {
        const [program = '', version = ''] = expectWords(words, 2, 2, '-b PROGRAM VERSION')
        return askEverybody(output, { program: programOf(program), version: versionOf(version) }, asking)
      }
      case 'delete':
        return takeBack(context, asking)
      case 'ping':
        return ping(output, targetOf(options, words), asking)
    }
  },
})

function askingOf({
  options,
  signal,
  world,
}: Pick<Context<typeof rpcinfoOptions>, 'options' | 'signal' | 'world'>): Asking {
  const { timeout: timeoutMs, rpcbind } = options
  return { timeoutMs, signal, world, ...(rpcbind !== undefined && { rpcbind }) }
}

const flags = ['ports', 'short', 'statistics', 'list', 'broadcast', 'delete', 'tcp', 'udp'] as const
type Mode = Exclude<(typeof flags)[number], 'tcp' | 'udp'> | 'all' | 'ping'

/** Errors: CommandError (usage) for flags that contradict each other. */
function modeOf(options: Options): Mode {
  const given = flags.filter(name => options[name])
  if (given.length > 1)
    throw new CommandError('usage', `give one of ${given.map(name => `--${name}`).join(' and ')}`)
  const [flag] = given
  const isPing = flag === 'tcp' || flag === 'udp' || options.address !== undefined
  if (options.address !== undefined && (flag !== undefined || options.transport === undefined))
    throw new CommandError('usage', '-a goes with -T and no other flag')
  if (options.port !== undefined && flag !== 'tcp' && flag !== 'udp')
    throw new CommandError('usage', '-n goes with -t or -u')
  if (isPing || (flag === undefined && options.transport !== undefined)) return 'ping'
  return flag ?? 'all'
}

function targetOf(options: Options, words: readonly string[]) {
  const netid = netidOf(options)
  if (options.address !== undefined) {
    const [program = '', version] = expectWords(
      words,
      1,
      2,
      '-a UNIVERSAL-ADDRESS -T NETID PROGRAM [VERSION]',
    )
    const address = addressOfUniversal(netid, options.address)
    return {
      program: programOf(program),
      version: version === undefined ? undefined : versionOf(version),
      netid,
      address,
    }
  }
  const [host = '', program = '', version] = expectWords(words, 2, 3, '-t|-u|-T NETID HOST PROGRAM [VERSION]')
  return {
    ...{
      program: programOf(program),
      version: version === undefined ? undefined : versionOf(version),
      netid,
    },
    address: addressOf(netid, host, options.port),
  }
}

function netidOf({ tcp, udp, transport }: Options): Netid {
  if (tcp) return 'tcp'
  if (udp) return 'udp'
  if (transport !== undefined && isNetid(transport)) return transport
  throw new CommandError('usage', `'${transport}' is no transport: write one of ${netids.join(', ')}`)
}

async function takeBack(
  { options, output, confirm, arguments: { words = [] } }: RpcinfoContext,
  asking: Asking,
): Promise<void> {
  const [first = '', second = ''] = expectWords(words, 2, 2, '-d PROGRAM VERSION [-T NETID]')
  const [program, version] = [programOf(first), versionOf(second)]
  const netid = options.transport === undefined ? '' : netidOf(options)
  const title = `program ${program} version ${version}${netid === '' ? '' : ` over ${netid}`}`
  await confirm(`Take the registration of ${title} back?`)
  const isGone = await withRpcbind(undefined, asking, one =>
    one.unregister({ program, version, netid }, asking),
  )
  if (!isGone)
    throw new CommandError('notFound', `${title}: it is not registered, or belongs to somebody else`)
  output.note(`took the registration of ${title} back`)
}

type RpcinfoContext = Context<
  typeof rpcinfoOptions,
  readonly [{ readonly name: 'words'; readonly summary: string; readonly repeated: true }],
  typeof rpcinfoColumns
>
