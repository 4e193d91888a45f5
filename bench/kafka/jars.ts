// Kafka's jars: copied once by Maven into .cache/, and programs that run from them.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cache } from '../places.ts'
import { outputOf } from '../programs.ts'
import { note } from '../progress.ts'

export const KAFKA_VERSION = '4.1.0'

const MINUTES = 60_000

/** A folder with the jars can be named, where Maven has nothing to fetch from. */
const folder = process.env.POSTHORN_BENCH_JARS ?? join(cache, `kafka-${KAFKA_VERSION}`)

/** Has the jars ready. Errors: no Java, no Maven, nothing to fetch from. */
export async function fetchJars(): Promise<void> {
  if (existsSync(join(folder, `kafka_2.13-${KAFKA_VERSION}.jar`))) return
  note(`fetching Kafka ${KAFKA_VERSION} through Maven into ${folder}`)
  const pom = fileURLToPath(new URL('./pom.xml', import.meta.url))
  await outputOf({
    command: 'mvn',
    args: ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${folder}`],
    timeoutMs: 15 * MINUTES,
  })
}

/** The arguments of `java` for a class of the jars. */
export function javaArgs(jvm: readonly string[], main: string, args: readonly string[]): string[] {
  return [...jvm, '-cp', join(folder, '*'), main, ...args]
}

/** Runs a class to its end and gives what it printed. */
export function runJava(main: string, args: readonly string[], jvm: readonly string[] = []): Promise<string> {
  return outputOf({ command: 'java', args: javaArgs(jvm, main, args), timeoutMs: 10 * MINUTES })
}
