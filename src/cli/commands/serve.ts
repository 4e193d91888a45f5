// `posthorn serve`: the broker as a process of its own. It says where it is, runs until it is told to stop, answers
// what is under way, and ends; the exit code says why when it could not.

import { defineCommand } from '../command.ts'
import { serveColumns, serveOptions } from '../serve/options.ts'

export const serve = defineCommand({
  path: ['serve'],
  summary: 'Run the broker',
  description: `Runs the broker until Ctrl-C or SIGTERM: then it takes no more requests, answers those under way, and ends with 0. A second signal ends it at once. What it has to say while it runs goes to stderr, one JSON object a line unless that is a terminal.

Without options it keeps its data in ./posthorn-data, flushes every write, and serves Kafka clients of this machine on port 9092, health and metrics on 9644. A listener that other machines can reach must ask for a login, or be allowed by name to serve anybody.

Flags win over POSTHORN_* variables, these over the file, and the file over defaults. Users come from the file or from POSTHORN_USERS, a JSON array like the file's; never from the command line.

Exit codes: 74 when the disk failed, 75 when an address or the data folder is in use, 77 when it is not permitted, 78 when the configuration is wrong.`,
  examples: [
    { text: 'Run with data in ./posthorn-data', command: 'posthorn serve' },
    {
      text: 'For a test: in memory, on free ports',
      command: 'posthorn serve --memory --listen kafka=tcp://127.0.0.1:0',
    },
    {
      text: 'For other machines, with TLS and logins',
      command:
        "posthorn serve --listen 'kafka=tls://0.0.0.0:9093?cert=server.pem&key=server.key&sasl=SCRAM-SHA-512' --advertise broker.example.org",
    },
    {
      text: 'Look whether a configuration is right',
      command: 'posthorn serve --config posthorn.json --check',
    },
  ],
  options: serveOptions,
  columns: serveColumns,
  result: 'record',
  async run(context) {
    const { runServer } = await import('../serve/run.ts')
    return runServer(context)
  },
})
