#!/usr/bin/env node
// The posthorn command: the process's own streams, signals and clock, handed to run(). Nothing else is here, because
// nothing here can be tested without a process.

import { systemWorld } from '../world/index.ts'
import { run } from './run.ts'
import type { Surroundings } from './terminal.ts'

const io: Surroundings = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  world: systemWorld,
  onSignal(listener) {
    const onInterrupt = (): void => listener('SIGINT')
    const onTerminate = (): void => listener('SIGTERM')
    process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate)
    return () => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate)
    }
  },
  die: code => process.exit(code),
}

const code = await run(process.argv.slice(2), io)
// stderr may be a slow pipe; stdout has been flushed by run().
process.stderr.write('', () => process.exit(code))
