// The foreign programs that the suites run: found, or installed where this process may (apt-get as root, Maven, Go's module proxy), or
// missing for a reason that is printed.

import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { root } from './broker.ts'
import { installDebian } from './debian.ts'
import { buildGo } from './go-program.ts'
import { execute, exists } from './processes.ts'

/** Why a tool is missing; undefined when it is there. */
export interface Tools {
  readonly kcat: string | undefined
  readonly kafkaPython: string | undefined
  readonly confluent: string | undefined
  readonly java: string | undefined
  readonly pika: string | undefined
  readonly celery: string | undefined
  /** amqp-publish, amqp-get and the like. */
  readonly amqpTools: string | undefined
  readonly go: string | undefined
}

/** Debian's own interpreter, which sees Debian's packages. */
export const python = '/usr/bin/python3'
/** What this run keeps between runs; ignored by git. */
export const cache = join(root, '.cache', 'interop')
const javaSource = join(import.meta.dirname, 'java')
const jars = join(cache, 'java', 'lib')
const classes = join(cache, 'java', 'classes')
/** The program of test/interop/go. */
export const goProgram = join(cache, 'go-cases')

/** Arguments of `java` before the name of a main class. */
export const javaArgs: readonly string[] = [
  ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xshare:auto', '-Xmx256m'],
  ...['-cp', `${classes}${delimiter}${join(jars, '*')}`],
]

const packages = [
  ...['kcat', 'python3-kafka', 'python3-confluent-kafka'],
  ...['python3-snappy', 'python3-lz4', 'python3-zstandard'],
  ...['python3-pika', 'python3-kombu', 'python3-celery', 'amqp-tools'],
]
/** Fetching the jars, the first time. */
const INSTALL_MS = 240_000

/** Finds every tool, installing what can be installed. */
export async function findTools(): Promise<Tools> {
  const before = await debianTools()
  const isComplete = Object.values(before).every(found => found)
  const refused = isComplete ? undefined : await installDebian(packages)
  const after = isComplete ? before : await debianTools()
  const why = (found: boolean): string | undefined =>
    found ? undefined : (refused ?? 'not in these packages')
  return {
    kcat: why(after.kcat),
    kafkaPython: why(after.kafkaPython),
    confluent: why(after.confluent),
    pika: why(after.pika),
    celery: why(after.celery),
    amqpTools: why(after.amqpTools),
    java: await prepareJava(),
    go: await buildGo({ source: 'go', program: goProgram }),
  }
}

/** The jar of Kafka's client library; undefined without Java. */
export function clientsJar(): string | undefined {
  return jarOf('kafka-clients')
}

function jarOf(library: string): string | undefined {
  const name = existsSync(jars)
    ? readdirSync(jars).find(file => file.startsWith(`${library}-`) && /-\d[^-]*\.jar$/.test(file))
    : undefined
  return name && join(jars, name)
}

async function debianTools() {
  return {
    kcat: await exists('kcat', ['-V']),
    kafkaPython: await exists(python, ['-c', 'import kafka, snappy, lz4.frame, zstandard']),
    confluent: await exists(python, ['-c', 'import confluent_kafka']),
    pika: await exists(python, ['-c', 'import pika']),
    celery: await exists(python, ['-c', 'import celery, kombu']),
    amqpTools: await exists('amqp-publish', ['--help']),
  }
}

async function prepareJava(): Promise<string | undefined> {
  if (!(await exists('javac', ['-version']))) return 'there is no JDK (javac)'
  if (clientsJar() === undefined || jarOf('amqp-client') === undefined) {
    if (!(await exists('mvn', ['-v']))) return 'there is no Maven (mvn) to fetch the jars'
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`]
    const args = ['-q', '-B', '-f', join(javaSource, 'pom.xml'), ...goal]
    const done = await execute({ command: 'mvn', args, timeoutMs: INSTALL_MS })
    if (done.code !== 0) return `mvn could not fetch the jars: ${done.stdout.subarray(-200)}`
  }
  mkdirSync(classes, { recursive: true })
  const sources = readdirSync(javaSource).filter(name => name.endsWith('.java'))
  const args = [
    '-nowarn',
    '-cp',
    join(jars, '*'),
    '-d',
    classes,
    ...sources.map(name => join(javaSource, name)),
  ]
  const compiled = await execute({ command: 'javac', args })
  return compiled.code === 0 ? undefined : `javac: ${compiled.stderr.slice(-400)}`
}
