// The list of commands. One line each: its words, its line in help, and where its implementation is, imported only
// when it is asked for, so that `posthorn --help` loads no broker. A new command is a file under commands/ and a line
// here; registry.test.ts checks that both say the same.

import type { Registry } from './command.ts'

export const registry: Registry = {
  nouns: {
    topic: 'Topics of a Kafka cluster',
    group: 'Consumer groups of a Kafka cluster',
    queue: 'Queues of an AMQP broker',
    exchange: 'Exchanges of an AMQP broker',
    binding: 'Bindings of exchanges to queues',
    bench: 'Measurements',
    doctor: 'Checks of the machine',
    rpc: 'Remote procedure calls: of what serve() of posthorn/rpc serves',
    idl: 'Interfaces of remote procedures: .x files',
  },
  commands: [
    {
      path: ['serve'],
      summary: 'Run the broker',
      load: async () => (await import('./commands/serve.ts')).serve,
    },
    {
      path: ['cat'],
      summary: 'Write standard input into a topic, queue or socket, or any of them to standard output',
      load: async () => (await import('./commands/cat.ts')).cat,
    },
    {
      path: ['topic', 'ls'],
      aliases: ['list'],
      summary: 'List topics',
      load: async () => (await import('./commands/topic/ls.ts')).topicLs,
    },
    {
      path: ['topic', 'create'],
      summary: 'Create a topic',
      load: async () => (await import('./commands/topic/create.ts')).topicCreate,
    },
    {
      path: ['topic', 'describe'],
      summary: 'Show partitions, leaders, offsets and sizes of topics',
      load: async () => (await import('./commands/topic/describe.ts')).topicDescribe,
    },
    {
      path: ['topic', 'config'],
      summary: 'Show or change the settings of a topic',
      load: async () => (await import('./commands/topic/config.ts')).topicConfig,
    },
    {
      path: ['topic', 'rm'],
      aliases: ['delete'],
      summary: 'Delete topics and their records',
      load: async () => (await import('./commands/topic/rm.ts')).topicRm,
    },
    {
      path: ['group', 'ls'],
      aliases: ['list'],
      summary: 'List consumer groups',
      load: async () => (await import('./commands/group/ls.ts')).groupLs,
    },
    {
      path: ['group', 'describe'],
      summary: 'Show members and lag of a consumer group',
      load: async () => (await import('./commands/group/describe.ts')).groupDescribe,
    },
    {
      path: ['group', 'reset'],
      summary: 'Set the offsets of a consumer group anew',
      load: async () => (await import('./commands/group/reset.ts')).groupReset,
    },
    {
      path: ['queue', 'ls'],
      aliases: ['list'],
      summary: 'List queues',
      load: async () => (await import('./commands/queue/ls.ts')).queueLs,
    },
    {
      path: ['queue', 'create'],
      aliases: ['declare'],
      summary: 'Create a queue',
      load: async () => (await import('./commands/queue/create.ts')).queueCreate,
    },
    {
      path: ['queue', 'describe'],
      summary: 'Show messages, consumers, arguments and bindings of queues',
      load: async () => (await import('./commands/queue/describe.ts')).queueDescribe,
    },
    {
      path: ['queue', 'put'],
      aliases: ['publish'],
      summary: 'Put messages into a queue',
      load: async () => (await import('./commands/queue/put.ts')).queuePut,
    },
    {
      path: ['queue', 'get'],
      summary: 'Wait for messages and take them',
      load: async () => (await import('./commands/queue/get.ts')).queueGet,
    },
    {
      path: ['queue', 'poll'],
      summary: 'Take messages that are there, without waiting',
      load: async () => (await import('./commands/queue/poll.ts')).queuePoll,
    },
    {
      path: ['queue', 'watch'],
      summary: 'Print a line whenever messages arrive',
      load: async () => (await import('./commands/queue/watch.ts')).queueWatch,
    },
    {
      path: ['queue', 'browse'],
      aliases: ['peek'],
      summary: 'Look at messages without taking them',
      load: async () => (await import('./commands/queue/browse.ts')).queueBrowse,
    },
    {
      path: ['queue', 'move'],
      summary: 'Move messages from a queue to another',
      load: async () => (await import('./commands/queue/move.ts')).queueMove,
    },
    {
      path: ['queue', 'purge'],
      summary: 'Throw all waiting messages of queues away',
      load: async () => (await import('./commands/queue/purge.ts')).queuePurge,
    },
    {
      path: ['queue', 'rm'],
      aliases: ['delete'],
      summary: 'Delete queues and their messages',
      load: async () => (await import('./commands/queue/rm.ts')).queueRm,
    },
    {
      path: ['exchange', 'ls'],
      aliases: ['list'],
      summary: 'List exchanges',
      load: async () => (await import('./commands/exchange/ls.ts')).exchangeLs,
    },
    {
      path: ['exchange', 'create'],
      aliases: ['declare'],
      summary: 'Create an exchange',
      load: async () => (await import('./commands/exchange/create.ts')).exchangeCreate,
    },
    {
      path: ['exchange', 'describe'],
      summary: 'Show type, arguments and bindings of exchanges',
      load: async () => (await import('./commands/exchange/describe.ts')).exchangeDescribe,
    },
    {
      path: ['exchange', 'rm'],
      aliases: ['delete'],
      summary: 'Delete exchanges and their bindings',
      load: async () => (await import('./commands/exchange/rm.ts')).exchangeRm,
    },
    {
      path: ['binding', 'ls'],
      aliases: ['list'],
      summary: 'List bindings',
      load: async () => (await import('./commands/binding/ls.ts')).bindingLs,
    },
    {
      path: ['binding', 'create'],
      summary: 'Bind a queue, or another exchange, to an exchange',
      load: async () => (await import('./commands/binding/create.ts')).bindingCreate,
    },
    {
      path: ['binding', 'rm'],
      aliases: ['delete'],
      summary: 'Take a binding away',
      load: async () => (await import('./commands/binding/rm.ts')).bindingRm,
    },
    {
      path: ['rabbitmqctl'],
      summary: "Administer as with RabbitMQ's rabbitmqctl, over the management API",
      load: async () => (await import('./commands/rabbitmqctl.ts')).rabbitmqctl,
    },
    {
      path: ['bench', 'kafka'],
      summary: 'Measure how fast a Kafka broker takes records and gives them back',
      load: async () => (await import('./commands/bench/kafka.ts')).benchKafka,
    },
    {
      path: ['bench', 'amqp'],
      summary: 'Measure how fast an AMQP broker takes messages and gives them out',
      load: async () => (await import('./commands/bench/amqp.ts')).benchAmqp,
    },
    {
      path: ['bench', 'rpc'],
      summary: 'Measure how many calls a second a server of `serve` answers',
      load: async () => (await import('./commands/bench/rpc.ts')).benchRpc,
    },
    {
      path: ['bench', 'zeromq'],
      summary: 'Measure throughput and latency of ZeroMQ sockets',
      load: async () => (await import('./commands/bench/zeromq.ts')).benchZeromq,
    },
    {
      path: ['doctor', 'durability'],
      summary: 'Measure what the disk promises, and try to lose an acknowledged write',
      load: async () => (await import('./commands/doctor/durability.ts')).doctorDurability,
    },
    {
      path: ['rpc', 'call'],
      summary: 'Call a method of a server',
      load: async () => (await import('./commands/rpc/call.ts')).rpcCall,
    },
    {
      path: ['rpc', 'list'],
      aliases: ['ls'],
      summary: 'List the methods of a server',
      load: async () => (await import('./commands/rpc/list.ts')).rpcList,
    },
    {
      path: ['rpc', 'describe'],
      summary: 'Show signatures, documentation and semantics of methods',
      load: async () => (await import('./commands/rpc/describe.ts')).rpcDescribe,
    },
    {
      path: ['rpc', 'ping'],
      summary: 'Ask whether a server answers, and measure round trips',
      load: async () => (await import('./commands/rpc/ping.ts')).rpcPing,
    },
    {
      path: ['rpc', 'serve'],
      summary: "Serve a module's object or class, so that others can call it",
      load: async () => (await import('./commands/rpc/serve.ts')).rpcServe,
    },
    {
      path: ['rpc', 'trace'],
      summary: 'Show the ten steps of a remote procedure call, with times and bytes',
      load: async () => (await import('./commands/rpc/trace.ts')).rpcTrace,
    },
    {
      path: ['rpc', 'registry'],
      summary: 'Run a registry, where servers are known by names',
      load: async () => (await import('./commands/rpc/registry.ts')).rpcRegistry,
    },
    {
      path: ['rpc', 'names'],
      summary: 'List the names that a registry knows',
      load: async () => (await import('./commands/rpc/names.ts')).rpcNames,
    },
    {
      path: ['idl', 'compile'],
      summary: 'Compile an .x file of ONC RPC to TypeScript',
      load: async () => (await import('./commands/idl/compile.ts')).idlCompile,
    },
    {
      path: ['idl', 'check'],
      summary: 'Check .x files, and count what they declare',
      load: async () => (await import('./commands/idl/check.ts')).idlCheck,
    },
    {
      path: ['idl', 'print'],
      summary: 'Print an .x file in its normal form',
      load: async () => (await import('./commands/idl/print.ts')).idlPrint,
    },
    {
      path: ['idl', 'sample'],
      summary: 'Print an .x file to start from, or a server or client of it',
      load: async () => (await import('./commands/idl/sample.ts')).idlSample,
    },
    {
      path: ['rpcinfo'],
      summary: 'Show which programs of ONC RPC a machine serves, and whether they answer',
      load: async () => (await import('./commands/rpcinfo.ts')).rpcinfo,
    },
    {
      path: ['nngcat'],
      summary: 'Send and receive messages of nanomsg and nng, with the flags of nngcat',
      load: async () => (await import('./commands/nngcat.ts')).nngcat,
    },
    {
      path: ['wire'],
      summary: "Print Kafka's messages as tables, or take captured bytes apart",
      load: async () => (await import('./commands/wire/index.ts')).wire,
    },
    {
      path: ['help'],
      summary: 'Explain a command or a topic',
      load: async () => (await import('./commands/help.ts')).help,
    },
    {
      path: ['version'],
      summary: 'Print the version',
      load: async () => (await import('./commands/version.ts')).version,
    },
    {
      path: ['completion'],
      summary: 'Print the completion script of a shell',
      load: async () => (await import('./commands/completion.ts')).completion,
    },
  ],
}
