// Configuration out of flags, environment and file: what comes of the good ones, and that each kind of mistake is told
// with file, place, value and what would be right, and never with a secret.

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of configuration files

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { keySet } from '../../auth/oauth/token.contract.ts'
import { type Given, loadConfig } from './config.ts'
import { configSchema, type Schema } from './schema.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'posthorn-config-'))
  await writeFile(join(folder, 'keys.json'), JSON.stringify(keySet))
  await Promise.all(['cert.pem', 'key.pem', 'ca.pem'].map(name => writeFile(join(folder, name), name)))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const env = { PORT: '9192', BROKERS: '3', SECRET: 'hunter2', YES: 'true' }

/** What is made of a file with this text, beside these flags. */
async function load(text: string | undefined, given: Given = {}, variables: object = env) {
  const file = join(folder, 'posthorn.json')
  if (text !== undefined) await writeFile(file, text)
  const config = text === undefined ? {} : { config: file }
  return loadConfig({ ...config, ...given }, variables as Record<string, string>)
}

describe('a configuration', () => {
  it('is, with nothing said, durable and for this machine alone', async () => {
    expect(await load(undefined)).toEqual({
      start: {
        storage: { directory: './posthorn-data', flush: 'always' },
        kafka: [{ name: 'kafka', host: '127.0.0.1', port: 9092 }],
        amqp: [{ port: 5672, optional: true }],
        http: { host: '127.0.0.1', port: 9644, allowAnonymous: false },
        management: { port: 15_672, optional: true },
        brokers: 1,
        users: [],
        superUsers: [],
        acl: 'allow',
        allowAnonymous: false,
        settings: {},
      },
      log: { level: 'info' },
    })
  })

  it.each<[string, string | undefined, Given, object]>([
    [
      'a folder relative to the file',
      '{"data": "d"}',
      {},
      { storage: { directory: expect.stringMatching(/^\/.*\/d$/) } },
    ],
    ['memory', '{"memory": true}', {}, { storage: 'memory' }],
    [
      'memory that a flag takes back',
      '{"memory": true}',
      { memory: false },
      { storage: { flush: 'always' } },
    ],
    ['memory by flag over a folder in the file', '{"data": "d"}', { memory: true }, { storage: 'memory' }],
    [
      'a folder by flag over memory in the file',
      '{"memory": true}',
      { data: 'x' },
      { storage: { directory: 'x' } },
    ],
    ['flush by flag', '{"flush": "never"}', { flush: 'interval' }, { storage: { flush: 'interval' } }],
    ['variables in place of numbers', '{"brokers": "${BROKERS}"}', {}, { brokers: 3 }],
    ['variables in place of booleans', '{"allowAnonymous": "${YES}"}', {}, { allowAnonymous: true }],
    ['a variable with a fallback', '{"brokers": "${NONE:-2}"}', {}, { brokers: 2 }],
    ['comments and trailing commas', '{ /* a\nb */ "brokers": 2, // c\n }', {}, { brokers: 2 }],
    [
      'an address with a variable',
      '{"listeners": {"kafka": "tcp://127.0.0.1:${PORT}"}}',
      {},
      { kafka: [{ name: 'kafka', port: 9192 }] },
    ],
    [
      'kafka that is off, and then AMQP must be there',
      undefined,
      { listen: ['kafka=off'] },
      { kafka: false, amqp: [{ port: 5672, optional: false }] },
    ],
    [
      'one of two Kafka listeners that is off',
      '{"listeners": {"kafka": "tcp://127.0.0.1:1", "kafka.b": "tcp://127.0.0.1:2"}}',
      { listen: ['kafka=off'] },
      { kafka: [{ name: 'kafka.b', port: 2 }], amqp: [{ port: 5672, optional: true }] },
    ],
    ['http that is off', '{"listeners": {"http": "off"}}', {}, { http: false }],
    ['management that is off', '{"listeners": {"management": "off"}}', {}, { management: false }],
    [
      'management with TLS, at its own port',
      '{"listeners": {"management": {"address": "tls://0.0.0.0", "cert": "cert.pem", "key": "key.pem"}}}',
      {},
      { management: { host: '0.0.0.0', port: 15_671, tls: { cert: 'cert.pem', key: 'key.pem' } } },
    ],
    [
      'management on a flag',
      undefined,
      { listen: ['management=tcp://[::1]:1'] },
      { management: { host: '::1', port: 1 } },
    ],
    [
      'http on another port',
      undefined,
      { listen: ['http=tcp://[::1]:1'] },
      { http: { host: '::1', port: 1 } },
    ],
    [
      'several listeners from flags and file, merged by name',
      '{"listeners": {"kafka": "tcp://127.0.0.1:1", "kafka.b": "tcp://127.0.0.1:2"}}',
      { listen: ['kafka=tcp://[::1]:3', 'kafka.c=tcp://localhost'] },
      {
        kafka: [
          { name: 'kafka', host: '::1', port: 3 },
          { name: 'kafka.b', host: '127.0.0.1', port: 2 },
          { name: 'kafka.c', host: 'localhost', port: 9092 },
        ],
      },
    ],
    [
      'logins in an address, in any case',
      undefined,
      { listen: ['kafka=tcp://0.0.0.0?sasl=scram-sha-512,SCRAM-SHA-256&reauth=1h'] },
      { kafka: [{ sasl: ['SCRAM-SHA-256', 'SCRAM-SHA-512'], reauth: '1h' }] },
    ],
    [
      'a listener that is open by name',
      undefined,
      { listen: ['kafka=tcp://0.0.0.0?allowAnonymous=true'] },
      { kafka: [{ host: '0.0.0.0', allowAnonymous: true }] },
    ],
    [
      'passwords that are readable by name',
      undefined,
      { listen: ['kafka=tcp://0.0.0.0?sasl=plain&allowPlainWithoutTls=true'] },
      { kafka: [{ sasl: ['PLAIN'], allowPlainWithoutTls: true }] },
    ],
    [
      'an advertised address',
      undefined,
      { advertise: 'a.example:19092' },
      { kafka: [{ advertisedHost: 'a.example', advertisedPort: 19092 }] },
    ],
    [
      'an advertised address for one of several',
      undefined,
      { listen: ['kafka=tcp://localhost', 'kafka.b=tcp://localhost:1'], advertise: 'kafka.b=[::1]' },
      { kafka: [{ name: 'kafka' }, { name: 'kafka.b', advertisedHost: '::1' }] },
    ],
    [
      'TLS with files relative to the configuration',
      '{"listeners": {"kafka": {"address": "tls://0.0.0.0", "cert": "cert.pem", "key": "key.pem", "ca": "ca.pem", "passphrase": "${SECRET}", "clientCertificate": "required", "certificateIdentity": "common_name"}}}',
      {},
      {
        kafka: [
          {
            certificateIdentity: 'common_name',
            tls: {
              cert: 'cert.pem',
              key: 'key.pem',
              ca: 'ca.pem',
              passphrase: 'hunter2',
              clientCertificate: 'required',
            },
          },
        ],
      },
    ],
    [
      'settings from file and flags',
      '{"settings": {"num.partitions": 2, "connections.max.reauth.ms": 1000}}',
      { set: ['num.partitions=3', 'log.retention.ms = -1'] },
      { settings: { 'num.partitions': '3', 'connections.max.reauth.ms': 1000, 'log.retention.ms': '-1' } },
    ],
    [
      'users, super users and access control',
      '{"users": [{"name": "ann", "password": "${SECRET}"}], "superUsers": ["User:ann"], "acl": {"default": "deny"}}',
      {},
      { users: [{ name: 'ann', password: 'hunter2' }], superUsers: ['User:ann'], acl: 'deny' },
    ],
    [
      'the escape of a variable',
      '{"users": [{"name": "ann", "password": "$${X}"}]}',
      {},
      { users: [{ password: '${X}' }] },
    ],
  ])('takes %s', async (_what, text, given, start) => {
    expect((await load(text, given)).start).toMatchObject(start)
  })

  it('takes users from the environment, which wins by name', async () => {
    const POSTHORN_USERS = '[{"name": "ann", "password": "new"}, {"name": "bob", "password": "b"}]'
    const text = '{"users": [{"name": "ann", "password": "old"}, {"name": "eve", "password": "e"}]}'
    const { start } = await load(text, {}, { POSTHORN_USERS })
    expect(start.users).toEqual([
      { name: 'eve', password: 'e' },
      { name: 'ann', password: 'new' },
      { name: 'bob', password: 'b' },
    ])
  })

  it('takes tokens, with their keys out of a file beside it', async () => {
    const text = JSON.stringify({
      auth: {
        oauth: { keys: 'keys.json', resourceServerId: 'orders', scopeAliases: { boss: ['orders.x'] } },
      },
    })
    expect((await load(text)).start.oauth).toEqual({
      keys: keySet,
      resourceServerId: 'orders',
      scopeAliases: { boss: ['orders.x'] },
    })
  })

  it('takes how to log, flags over file', async () => {
    const { log } = await load('{"log": {"format": "json", "level": "warn"}}', { logLevel: 'debug' })
    expect(log).toEqual({ format: 'json', level: 'debug' })
  })
})

describe('a wrong configuration', () => {
  it.each<[string, string, string]>([
    ['no JSON', '{\n  "brokers": 3 4\n}', "posthorn.json:2:16: ',' or '}' should stand here"],
    ['no value', '{"brokers": }', 'posthorn.json:1:13: a value should stand here'],
    ['no quotes', '{"data": hunter2}', 'posthorn.json:1:10: this is not a value'],
    ['a string without end', '{"data": "x\n"}', 'posthorn.json:1:10: the string has no end'],
    ['a wrong escape', '{"data": "\\x"}', 'posthorn.json:1:10: the string has an escape'],
    ['something after the end', '{} {}', 'posthorn.json:1:4: the text should end here'],
    [
      'a name twice',
      '{"brokers": 1, "brokers": 2}',
      "posthorn.json:1:16: 'brokers' stands here for the second time",
    ],
    ['too deep', `${'['.repeat(40)}`, 'nested deeper than 32'],
    ['no object', '[]', 'posthorn.json: the whole is a list: it must be an object'],
    [
      'an unknown field',
      '{"brokerz": 1}',
      'posthorn.json: brokerz is not known: there are $schema, data, memory',
    ],
    ['the field __proto__', '{"__proto__": 1}', '__proto__ is not known'],
    ['a wrong type', '{"brokers": "3"}', "posthorn.json: brokers is '3': it must be a whole number"],
    ['a fraction', '{"brokers": 1.5}', 'posthorn.json: brokers is 1.5: it must be a whole number'],
    ['too few', '{"brokers": 0}', 'posthorn.json: brokers is 0: the least is 1'],
    ['too many', '{"brokers": 101}', 'posthorn.json: brokers is 101: the most is 100'],
    [
      'a wrong word',
      '{"flush": "often"}',
      "posthorn.json: flush is 'often': it must be one of always, interval, never",
    ],
    [
      'several flaws at once',
      '{"brokers": 0, "flush": 1}',
      'the least is 1; flush is 1: it must be a string',
    ],
    ['tokens without keys', '{"auth": {"oauth": {"resourceServerId": "a"}}}', "auth.oauth lacks 'keys'"],
    [
      'keys that are not there',
      '{"auth": {"oauth": {"keys": "none.json", "resourceServerId": "a"}}}',
      'none.json: there is no such key file',
    ],
    [
      'keys that are no JSON',
      '{"auth": {"oauth": {"keys": "key.pem", "resourceServerId": "a"}}}',
      'key.pem: the key file is not JSON',
    ],
    [
      'keys of no use',
      '{"auth": {"oauth": {"keys": "posthorn.json", "resourceServerId": "a"}}}',
      'auth.oauth: a JWK set is an object with a list "keys"',
    ],
    ['a nested field', '{"log": {"level": "x"}}', "posthorn.json: log.level is 'x'"],
    ['an unset variable', '{"data": "${NONE}"}', 'posthorn.json: data wants ${NONE}, which is not set'],
    [
      'an unknown listener',
      '{"listeners": {"mqtt": "tcp://a:1"}}',
      'listeners.mqtt is not known: there are http, management, ^kafka',
    ],
    ['no address', '{"listeners": {"kafka": {}}}', "posthorn.json: listeners.kafka lacks 'address'"],
    ['a listener of a wrong type', '{"listeners": {"kafka": 9092}}', 'it must be a string or an object'],
    [
      'an address without scheme',
      '{"listeners": {"kafka": "localhost:1"}}',
      "listeners.kafka: 'localhost:1' is not an address",
    ],
    [
      'nothing that serves clients',
      '{"listeners": {"kafka": "off", "amqp": "off"}}',
      'kafka and amqp are both off',
    ],
    ['a port too high', '{"listeners": {"kafka": "tcp://a:65536"}}', "'tcp://a:65536' is not an address"],
    [
      'a wrong login',
      '{"listeners": {"kafka": "tcp://a?sasl=digest"}}',
      "sasl[0] is 'DIGEST': it must be one of PLAIN",
    ],
    ['a wrong option', '{"listeners": {"kafka": "tcp://a?salz=x"}}', 'salz is not known'],
    ['a login on http', '{"listeners": {"http": "tcp://127.0.0.1?sasl=PLAIN"}}', 'sasl is not known'],
    [
      'http with TLS',
      '{"listeners": {"http": "tls://127.0.0.1"}}',
      'listeners.http: http is served without TLS',
    ],
    ['TLS without a certificate', '{"listeners": {"kafka": "tls://127.0.0.1"}}', 'TLS needs cert and key'],
    ['a certificate without TLS', '{"listeners": {"kafka": "tcp://a?cert=x"}}', 'certificates are for TLS'],
    [
      'a certificate that is not there',
      '{"listeners": {"kafka": "tls://a?cert=x&key=y"}}',
      'no such certificate file',
    ],
    [
      'a client certificate without authority',
      '{"listeners": {"kafka": "tls://a?cert=cert.pem&key=key.pem&clientCertificate=required"}}',
      'checked against ca',
    ],
    [
      'a wrong duration',
      '{"listeners": {"kafka": {"address": "tcp://a", "reauth": "soon"}}}',
      'it must be a duration such as',
    ],
    [
      'a wrong advertised address',
      '{"listeners": {"kafka": {"address": "tcp://a", "advertise": "a b"}}}',
      'host or host:port',
    ],
    [
      'an open listener',
      '{"listeners": {"kafka": "tcp://0.0.0.0"}}',
      "listener 'kafka' on 0.0.0.0 can be reached",
    ],
    ['readable passwords', '{"listeners": {"kafka": "tcp://0.0.0.0?sasl=PLAIN"}}', 'PLAIN without TLS'],
    ['memory and a folder', '{"memory": true, "data": "x"}', 'posthorn.json: memory and data'],
    [
      'an unknown setting',
      '{"settings": {"a.b": 1}}',
      "posthorn.json: settings: a.b: there is no broker setting 'a.b'",
    ],
    ['a wrong setting', '{"settings": {"num.partitions": 0}}', 'settings: num.partitions: Invalid value 0'],
    [
      'a setting of a wrong type',
      '{"settings": {"num.partitions": []}}',
      'settings["num.partitions"] is a list',
    ],
    ['a user without a secret', '{"users": [{"name": "ann"}]}', "user 'ann' must have either"],
    [
      'a user twice',
      '{"users": [{"name": "a", "password": "x"}, {"name": "a", "password": "y"}]}',
      "two users 'a'",
    ],
    [
      'a wrong super user',
      '{"superUsers": ["ann"]}',
      "superUsers[0] is 'ann': it must be of the form User:name",
    ],
  ])('says what is wrong: %s', async (_what, text, message) => {
    await expect(load(text)).rejects.toThrow(message)
  })

  it.each<[string, Given, string]>([
    ['--listen without a name', { listen: ['tcp://127.0.0.1'] }, 'write name=address'],
    ['--listen with an unknown option', { listen: ['kafka=tcp://a?x=1'] }, '--listen kafka: x is not known'],
    ['--set without a value', { set: ['num.partitions'] }, 'write name=value'],
    ['--set of an unknown name', { set: ['a=1'] }, "--set: a: there is no broker setting 'a'"],
    ['--advertise for nobody', { advertise: 'kafka.x=a' }, "there is no listener 'kafka.x'"],
    [
      '--advertise for several',
      { advertise: 'a', listen: ['kafka=tcp://localhost:1', 'kafka.b=tcp://localhost:2'] },
      'there are several listeners',
    ],
    ['--advertise of no host', { advertise: 'http://a' }, "'http://a' is not host or host:port"],
    ['--config that is a folder', { config: tmpdir() }, 'is a folder'],
  ])('says what is wrong: %s', async (_what, given, message) => {
    await expect(load(undefined, given)).rejects.toThrow(message)
  })

  it.each<[string, string, object]>([
    ['a password of a wrong type', '{"users": [{"name": "a", "password": ["hunter2"]}]}', {}],
    ['a key that is a number', '{"users": [{"name": "a", "password": 4711, "x": "hunter2"}]}', {}],
    ['a passphrase in an address', '{"listeners": {"kafka": "tls://a?passphrase=hunter2"}}', {}],
    ['users in the environment that are no JSON', '{}', { POSTHORN_USERS: 'ann:hunter2' }],
    ['users in the environment of a wrong form', '{}', { POSTHORN_USERS: '{"ann": "hunter2"}' }],
  ])('does not tell a secret: %s', async (_what, text, variables) => {
    const error: unknown = await load(text, {}, variables).catch(one => one)
    expect(error).toMatchObject({ code: 'SERVER_CONFIG_INVALID' })
    expect(String(error)).not.toMatch(/hunter2|4711/)
  })

  it('is refused when the file is larger than its limit', async () => {
    await expect(load(`{"data": "${'x'.repeat(1024 * 1024)}"}`)).rejects.toThrow('are more than the 1048576')
  })
})

describe('the schema', () => {
  const known = new Set([
    ...['$schema', '$ref', '$defs', 'title', 'description', 'default', 'type', 'anyOf', 'properties'],
    ...['patternProperties', 'additionalProperties', 'required', 'items', 'maxItems', 'enum', 'pattern'],
    ...['minLength', 'minimum', 'maximum', 'writeOnly'],
  ])

  it('uses no keyword that the checker does not know, and closes every object', () => {
    const walk = (schema: Schema): void => {
      for (const keyword of Object.keys(schema)) expect(known).toContain(keyword)
      if (schema.type === 'object') expect(schema).toHaveProperty('additionalProperties')
      const { $defs = {}, properties = {}, patternProperties = {}, anyOf = [], items } = schema
      for (const one of [$defs, properties, patternProperties].flatMap(part => Object.values(part))) walk(one)
      for (const one of [...anyOf, ...(items ? [items] : [])]) walk(one)
    }
    walk(configSchema())
  })

  it('is the file that the package exports', async () => {
    const packageFile = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'))
    expect(packageFile.exports['./config.schema.json']).toContain('server/config/posthorn.schema.json')
  })
})
