// Runs one benchmark, prints its tables on stdout and progress on stderr.

import { readArguments, refuse, wholeNumber } from '../tools/arguments.ts'
import { writeSection } from './document.ts'
import { type Benchmark, isMet, markdown } from './outcome.ts'
import { releaseScratches } from './places.ts'
import { endPrograms } from './programs.ts'
import { note } from './progress.ts'

const usage = `npm run bench NAME [-- OPTIONS]

Runs one benchmark and prints its tables. Ends with 1 when a target is missed.

  log       what the file engine makes of the disk
  start     time to a broker that answers
  backlog   whether ten million waiting records cost anything
  kafka     against Apache Kafka, with Kafka's own tools (needs Java 17 and Maven)
  amqp      against RabbitMQ, with \`posthorn bench amqp\` (needs Debian's rabbitmq-server)
  queues    whether backlogs, idle queues and bindings cost anything
  rpc       against grpc-js, capnweb, Comlink, libtirpc and bare node:net (fetches packages of npm; libtirpc needs
            Debian's rpcsvc-proto, libtirpc-dev and gcc)
  sockets   against zeromq.js, libzmq and nng (needs Debian's libzmq3-dev and libnng-dev)

  --quick   the short form
  --runs N  rounds, from 1
  --write   put the section into docs/benchmarks.md

  npm run bench log -- --quick
`

const names = ['log', 'start', 'backlog', 'kafka', 'amqp', 'queues', 'rpc', 'sockets'] as const

async function load(name: (typeof names)[number]): Promise<Benchmark> {
  switch (name) {
    case 'log':
      return (await import('./log/index.ts')).log
    case 'start':
      return (await import('./start.ts')).start
    case 'backlog':
      return (await import('./backlog.ts')).backlog
    case 'kafka':
      return (await import('./kafka/index.ts')).kafka
    case 'amqp':
      return (await import('./amqp/index.ts')).amqp
    case 'queues':
      return (await import('./queues/index.ts')).queues
    case 'rpc':
      return (await import('./rpc/index.ts')).rpc
    case 'sockets':
      return (await import('./sockets/index.ts')).sockets
  }
}

async function main(): Promise<number> {
  const options = {
    quick: { type: 'boolean' },
    write: { type: 'boolean' },
    runs: { type: 'string' },
  } as const
  const { values, positionals } = readArguments(usage, options, 1)
  const name = names.find(one => one === positionals[0])
  if (name === undefined) refuse(usage, `which benchmark? ${names.join(', ')}`)
  const runs = values.runs === undefined ? undefined : wholeNumber(usage, 'runs', values.runs, 1)
  const benchmark = await load(name)
  const missing = benchmark.missing?.()
  if (missing !== undefined) {
    note(`skipped: ${missing}`)
    return 0
  }
  const outcome = await benchmark.run({ quick: values.quick === true, ...(runs !== undefined && { runs }) })
  process.stdout.write(`## ${outcome.title}\n\n${markdown(outcome)}\n`)
  if (values.write === true) {
    const args = process.argv.slice(2).filter(one => one !== '--write')
    const flags =
      args.length > 1
        ? ` --${args
            .slice(1)
            .map(one => ` ${one}`)
            .join('')}`
        : ''
    writeSection(name, `npm run bench ${name}${flags}`, outcome)
  }
  return outcome.targets.every(isMet) ? 0 : 1
}

process.once('exit', () => {
  endPrograms()
  releaseScratches()
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))
process.exit(await main())
