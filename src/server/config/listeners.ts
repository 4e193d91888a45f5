// Listeners out of flags, file and defaults, merged by name, as options of start(): addresses taken apart, files of
// certificates read. The grammar is listener.ts.

import { dirname, resolve } from 'node:path'
import type { Duration } from '../../world/index.ts'
import { type AmqpListener, amqpSaslNames, type KafkaListener, saslNames } from '../listeners.ts'
import type { StartOptions } from '../plan.ts'
import { checked, readText } from './file.ts'
import {
  AMQP_PORT,
  AMQPS_PORT,
  addressOf,
  advertised,
  fieldsOf,
  HTTP_PORT,
  invalid,
  KAFKA_PORT,
  type ListenerFields,
  MANAGEMENT_PORT,
  MANAGEMENT_TLS_PORT,
  nameAndAddress,
} from './listener.ts'
import { joined } from './substitute.ts'

/** By name, as the schema has them. */
export type FileListeners = Readonly<Record<string, string | ListenerFields>>

export interface ListenerSources {
  readonly file: string | undefined
  readonly inFile: FileListeners
  /** Each `name=address`. */
  readonly flags: readonly string[]
  /** `host[:port]`, or `listener=host[:port]`. */
  readonly advertise: string | undefined
}

/** A listener and who asked for it: file and path, or the flag. */
interface Wanted {
  readonly fields: ListenerFields
  readonly source: string
  /** Files that it names are relative to this. */
  readonly folder: string
}

/** Errors: SERVER_CONFIG_INVALID naming file and place, or the flag. */
export async function listenersOf(
  sources: ListenerSources,
): Promise<Pick<StartOptions, 'kafka' | 'amqp' | 'http' | 'management'>> {
  const wanted = new Map([
    ...fileListeners(sources.inFile, sources.file ?? ''),
    ...flagListeners(sources.flags),
  ])
  if (![...wanted.keys()].some(name => name.startsWith('kafka'))) wanted.set('kafka', byDefault(KAFKA_PORT))
  if (!wanted.has('http')) wanted.set('http', byDefault(HTTP_PORT))
  const hasAmqp = [...wanted.keys()].some(isAmqp)
  const kafka = await kafkaListeners(wanted, sources.advertise)
  // Nobody asked for this one, but when it is the only one it must be there.
  const amqp = hasAmqp ? await amqpListeners(wanted) : [{ port: AMQP_PORT, optional: kafka.length > 0 }]
  if (kafka.length === 0 && amqp.length === 0)
    throw invalid('listeners', 'kafka and amqp are both off: nobody could send anything')
  return {
    kafka: kafka.length > 0 && kafka,
    amqp,
    http: httpListener(wanted),
    management: await managementListener(wanted),
  }
}

function byDefault(port: number): Wanted {
  return { fields: { address: `tcp://127.0.0.1:${port}` }, source: 'the default', folder: '.' }
}

function fileListeners(listeners: FileListeners, file: string): [string, Wanted][] {
  return Object.entries(listeners).map(([name, listener]) => {
    const at = joined('listeners', name)
    const source = `${file}: ${at}`
    const text = typeof listener === 'string' ? listener : listener.address
    const { address, ...options } = fieldsOf(text, source)
    const rest = typeof listener === 'string' ? {} : listener
    const checkedOptions = checkedFields(name, { ...options, address }, source)
    return [name, { fields: { ...checkedOptions, ...rest, address }, source, folder: dirname(file) }]
  })
}

function flagListeners(texts: readonly string[]): [string, Wanted][] {
  return texts.map(text => {
    const { name, address } = nameAndAddress(text, `--listen ${text.split('?', 1)}`)
    const source = `--listen ${name}`
    return [name, { fields: checkedFields(name, fieldsOf(address, source), source), source, folder: '.' }]
  })
}

/** Parts of the schema for listeners that there is one of. */
const parts: Readonly<Record<string, 'httpListener' | 'managementListener'>> = {
  http: 'httpListener',
  management: 'managementListener',
}

/** Options from an address are text: they may stand for true and false. */
function checkedFields(name: string, fields: ListenerFields, source: string): ListenerFields {
  const part = parts[name] ?? (isAmqp(name) ? 'amqpListener' : 'kafkaListener')
  return checked(fields, { source, part, convertible: new Set(Object.keys(fields)) }) as ListenerFields
}

async function kafkaListeners(
  wanted: ReadonlyMap<string, Wanted>,
  advertise: string | undefined,
): Promise<KafkaListener[]> {
  const kafka = [...wanted].filter(([name, { fields }]) => isKafka(name) && fields.address !== 'off')
  const names = kafka.map(([name]) => name)
  const told = advertise === undefined ? new Map<string, string>() : toldOf(advertise, names)
  return Promise.all(
    kafka.map(async ([name, { fields, source, folder }]) => {
      const advertisedAs = told.get(name) ?? fields.advertise
      return {
        ...(await kafkaListener(name, fields, source, folder)),
        ...(typeof advertisedAs === 'string' &&
          advertised(advertisedAs, told.has(name) ? '--advertise' : source)),
      }
    }),
  )
}

/** By listener: what --advertise says of it. */
function toldOf(text: string, names: readonly string[]): Map<string, string> {
  if (names.length === 0) throw invalid('--advertise', 'there is no Kafka listener to speak of: kafka is off')
  const [name, address] = text.includes('=') ? text.split('=', 2) : [undefined, text]
  if (name !== undefined && !names.includes(name))
    throw invalid('--advertise', `there is no listener '${name}': there are ${names.join(', ')}`)
  if (name === undefined && names.length > 1)
    throw invalid(
      '--advertise',
      `there are several listeners: write name=host:port for one of ${names.join(', ')}`,
    )
  return new Map([[name ?? names[0] ?? 'kafka', address ?? '']])
}

async function kafkaListener(
  name: string,
  fields: ListenerFields,
  source: string,
  folder: string,
): Promise<KafkaListener> {
  const { tls, host, port } = addressOf(fields.address, KAFKA_PORT, source)
  const { sasl, reauth, certificateIdentity, allowAnonymous, allowPlainWithoutTls } = fields
  return {
    name,
    host,
    port,
    ...(Array.isArray(sasl) && { sasl: saslNames.filter(one => sasl.includes(one)) }),
    ...(typeof reauth === 'string' && { reauth: reauth as Duration }),
    ...(certificateIdentity === 'common_name' && { certificateIdentity }),
    ...(allowAnonymous === true && { allowAnonymous }),
    ...(allowPlainWithoutTls === true && { allowPlainWithoutTls }),
    ...(await tlsOf(tls, fields, source, folder)),
  }
}

async function amqpListeners(wanted: ReadonlyMap<string, Wanted>): Promise<AmqpListener[]> {
  const amqp = [...wanted].filter(([name, { fields }]) => isAmqp(name) && fields.address !== 'off')
  return Promise.all(
    amqp.map(async ([name, { fields, source, folder }]) => {
      const { tls, host, port } = addressOf(fields.address, { tcp: AMQP_PORT, tls: AMQPS_PORT }, source)
      const { sasl, certificateIdentity, allowPlainWithoutTls } = fields
      return {
        name,
        host,
        port,
        ...(Array.isArray(sasl) && { sasl: amqpSaslNames.filter(one => sasl.includes(one)) }),
        ...(certificateIdentity === 'common_name' && { certificateIdentity }),
        ...(allowPlainWithoutTls === true && { allowPlainWithoutTls }),
        ...(await tlsOf(tls, fields, source, folder)),
      }
    }),
  )
}

function isAmqp(name: string): boolean {
  return name === 'amqp' || name.startsWith('amqp.')
}

function isKafka(name: string): boolean {
  return name === 'kafka' || name.startsWith('kafka.')
}

async function tlsOf(
  isTls: boolean,
  { cert, key, ca, passphrase, clientCertificate }: ListenerFields,
  source: string,
  folder: string,
): Promise<Pick<KafkaListener, 'tls'>> {
  if (!isTls) {
    if (cert !== undefined || key !== undefined || ca !== undefined || clientCertificate !== undefined)
      throw invalid(source, 'certificates are for TLS: write tls:// in place of tcp://')
    return {}
  }
  if (typeof cert !== 'string' || typeof key !== 'string')
    throw invalid(source, 'TLS needs cert and key: files in PEM form')
  if (clientCertificate === 'required' && ca === undefined)
    throw invalid(source, 'client certificates are checked against ca: name the file')
  const read = (path: string, what: string) => readText(resolve(folder, path), what)
  return {
    tls: {
      cert: await read(cert, 'certificate'),
      key: await read(key, 'key'),
      ...(typeof ca === 'string' && { ca: await read(ca, 'authority') }),
      ...(typeof passphrase === 'string' && { passphrase }),
      ...((clientCertificate === 'required' || clientCertificate === 'requested') && { clientCertificate }),
    },
  }
}

function httpListener(wanted: ReadonlyMap<string, Wanted>): StartOptions['http'] {
  const found = wanted.get('http')
  if (found === undefined || found.fields.address === 'off') return false
  const { fields, source } = found
  const { tls, host, port } = addressOf(fields.address, HTTP_PORT, source)
  if (tls) throw invalid(source, 'http is served without TLS: write tcp://, and put a proxy before it')
  return {
    host,
    port,
    allowAnonymous: fields.allowAnonymous === true,
    ...(fields.allowPlainWithoutTls === true && { allowPlainWithoutTls: true }),
  }
}

/** By default at RabbitMQ's port, unless somebody else has it. */
async function managementListener(wanted: ReadonlyMap<string, Wanted>): Promise<StartOptions['management']> {
  const found = wanted.get('management')
  if (found === undefined) return { port: MANAGEMENT_PORT, optional: true }
  const { fields, source, folder } = found
  if (fields.address === 'off') return false
  const ports = { tcp: MANAGEMENT_PORT, tls: MANAGEMENT_TLS_PORT }
  const { tls, host, port } = addressOf(fields.address, ports, source)
  return {
    host,
    port,
    ...(fields.allowPlainWithoutTls === true && { allowPlainWithoutTls: true }),
    ...(await tlsOf(tls, fields, source, folder)),
  }
}
