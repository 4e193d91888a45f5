// The list of commands. One line each: its words, its line in help, and where its implementation is, imported only
// when it is asked for, so that `posthorn --help` loads no broker. A new command is a file under commands/ and a line
// here; registry.test.ts checks that both say the same.

import type { Registry } from './command.ts'

export const registry: Registry = {
  nouns: {
    topic: 'Topics of a Kafka cluster',
    group: 'Consumer groups of a Kafka cluster',
    bench: 'Measurements',
    doctor: 'Checks of the machine',
  },
  commands: [
    {
      path: ['serve'],
      summary: 'Run the broker',
      load: async () => (await import('./commands/serve.ts')).serve,
    },
    {
      path: ['cat'],
      summary: 'Write standard input into a topic, or a topic to standard output',
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
      path: ['doctor', 'durability'],
      summary: 'Measure what the disk promises, and try to lose an acknowledged write',
      load: async () => (await import('./commands/doctor/durability.ts')).doctorDurability,
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
