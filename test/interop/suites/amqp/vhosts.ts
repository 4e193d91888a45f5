// Virtual hosts other than '/', what users may do in them, and how much of it: through amqplib.

import amqplib from 'amqplib'
import { drained, hardRefusalOf, refusalOf, send, textOf } from '../../clients/amqplib.ts'
import { has, same } from '../../report.ts'
import type { Administered, Case } from './administered.ts'

const everything = { configure: '.*', write: '.*', read: '.*' }
type Channel = amqplib.Channel

/** A virtual host, a user of it with these permissions, and a connection as that user. */
async function entered(
  { ask, url }: Administered,
  vhost: string,
  user: string,
  permissions: object = everything,
): Promise<amqplib.ChannelModel> {
  await ask('PUT', `vhosts/${vhost}`, {})
  await ask('PUT', `users/${user}`, { password: 'pw', tags: '' })
  await ask('PUT', `permissions/${vhost}/${user}`, permissions)
  return connected(url(vhost, user))
}

async function connected(url: string): Promise<amqplib.ChannelModel> {
  const connection = await amqplib.connect(url)
  connection.on('error', () => {})
  return connection
}

async function opened(connection: amqplib.ChannelModel): Promise<Channel> {
  const channel = await connection.createChannel()
  channel.on('error', () => {})
  return channel
}

/** What the server ends the connection with; amqplib takes 320 for no error. */
function ended(connection: amqplib.ChannelModel): Promise<string> {
  return new Promise((resolve, reject) => {
    connection.once('close', reason => resolve(String(reason)))
    setTimeout(() => reject(new Error('the connection did not end within 5 s')), 5000).unref()
  })
}

/** Why nobody is let in there. */
function refused(url: string): Promise<string> {
  return connected(url).then(
    async connection => {
      await connection.close()
      throw new Error('the connection was let in')
    },
    error => String(error),
  )
}

export const vhosts: Readonly<Record<string, Case>> = {
  async 'virtual hosts are apart: queues, exchanges and messages of one name'(host, { channel }) {
    const other = await entered(host, 'apart', 'visitor')
    const theirs = await other.createConfirmChannel()
    await channel.assertQueue('same', { durable: true })
    await theirs.assertQueue('same', { durable: false, arguments: { 'x-max-length': 9 } })
    await theirs.assertExchange('x', 'fanout')
    await theirs.bindQueue('same', 'x', '')
    await send(channel, 'same', ['ours'])
    theirs.publish('x', '', Buffer.from('theirs'))
    await theirs.waitForConfirms()
    same((await drained(theirs, 'same')).map(textOf), ['theirs'], 'there')
    same((await drained(channel, 'same')).map(textOf), ['ours'], 'here')
    await other.close()
  },
  async 'who has no permission in a virtual host is not let in (530), nor after it was taken away'(host) {
    await host.ask('PUT', 'users/stranger', { password: 'pw', tags: '' })
    has(await refused(host.url('/', 'stranger')), /ConnectionClose|530/, 'the error')
    const connection = await entered(host, 'club', 'stranger')
    await connection.close()
    await host.ask('DELETE', 'permissions/club/stranger')
    has(await refused(host.url('club', 'stranger')), /ConnectionClose|530/, 'the error')
  },
  async 'permissions: configure, write and read are refused apart (403)'(host) {
    const connection = await entered(host, 'ruled', 'worker', {
      configure: '^own-',
      write: '^(own|in)-',
      read: '^(own|out)-',
    })
    const admin = await connected(host.url('ruled'))
    const making = await opened(admin)
    for (const name of ['in-q', 'out-q', 'far-q']) await making.assertQueue(name)
    await making.assertExchange('in-x', 'topic')
    await making.assertExchange('far-x', 'topic')
    const own = await opened(connection)
    await own.assertQueue('own-q')
    await own.assertExchange('own-x', 'topic')
    await own.bindQueue('own-q', 'own-x', '#')
    own.publish('in-x', 'k', Buffer.from('x'))
    await own.get('out-q', { noAck: true })
    await own.checkQueue('far-q') // a passive declaration needs none
    const refusals: readonly [what: string, text: RegExp, act: (it: Channel) => unknown][] = [
      ['declaring a queue', /configure.*'far-new'|'far-new'/, it => it.assertQueue('far-new')],
      ['declaring an exchange', /'far-new'/, it => it.assertExchange('far-new', 'fanout')],
      ['deleting a queue', /'in-q'/, it => it.deleteQueue('in-q')],
      ['publishing', /'far-x'/, it => it.publish('far-x', 'k', Buffer.from('x'))],
      [
        'publishing to the default exchange',
        /''|amq\.default/,
        it => it.sendToQueue('in-q', Buffer.from('x')),
      ],
      ['consuming', /'in-q'/, it => it.consume('in-q', () => {})],
      ['getting', /'in-q'/, it => it.get('in-q')],
      ['purging', /'in-q'/, it => it.purgeQueue('in-q')],
      ['binding to an exchange that may not be read', /'in-x'/, it => it.bindQueue('own-q', 'in-x', '#')],
      ['binding a queue that may not be written', /'out-q'/, it => it.bindQueue('out-q', 'own-x', '#')],
      [
        'dead letters to an exchange that may not be written',
        /'far-x'/,
        it => it.assertQueue('own-dead', { deadLetterExchange: 'far-x' }),
      ],
    ]
    for (const [what, text, act] of refusals) {
      const channel = await opened(connection)
      const refusal = await refusalOf(channel, () => act(channel))
      same(refusal.code, 403, `${what}: the code (${refusal.message})`)
      has(refusal.message, /ACCESS[_-]REFUSED/, what)
      has(refusal.message, text, what)
    }
    await connection.close()
    await admin.close()
  },
  async 'topic permissions bound the routing keys of a topic exchange (403)'(host) {
    const connection = await entered(host, 'topics', 'reporter')
    const rule = { exchange: 'amq.topic', write: '^news\\.', read: '^news\\.' }
    await host.ask('PUT', 'topic-permissions/topics/reporter', rule)
    const channel = await opened(connection)
    await channel.assertQueue('q')
    await channel.bindQueue('q', 'amq.topic', 'news.#')
    channel.publish('amq.topic', 'news.today', Buffer.from('x'))
    const writing = await refusalOf(channel, () => channel.publish('amq.topic', 'sport', Buffer.from('x')))
    same(writing.code, 403, `publishing (${writing.message})`)
    const other = await opened(connection)
    same((await other.checkQueue('q')).messageCount, 1, 'messages')
    const reading = await refusalOf(other, () => other.bindQueue('q', 'amq.topic', 'sport'))
    same(reading.code, 403, `binding (${reading.message})`)
    await connection.close()
  },
  async 'limits of a virtual host: connections (530) and queues (406)'(host) {
    const first = await entered(host, 'small', 'tenant')
    await host.ask('PUT', 'vhost-limits/small/max-connections', { value: 1 })
    await host.ask('PUT', 'vhost-limits/small/max-queues', { value: 1 })
    has(await refused(host.url('small', 'tenant')), /ConnectionClose|530/, 'the second connection')
    const channel = await opened(first)
    await channel.assertQueue('one')
    await channel.assertQueue('one')
    const refusal = await refusalOf(channel, () => channel.assertQueue('two'))
    same(refusal.code, 406, `the second queue (${refusal.message})`)
    has(refusal.message, /limit.*'small'/, 'the second queue')
    await first.close()
  },
  async 'limits of a user: connections and channels (530)'(host) {
    const first = await entered(host, 'few', 'frugal')
    await host.ask('PUT', 'user-limits/frugal/max-connections', { value: 1 })
    await host.ask('PUT', 'user-limits/frugal/max-channels', { value: 2 })
    has(await refused(host.url('few', 'frugal')), /ConnectionClose|530/, 'the second connection')
    for (let n = 0; n < 5; n++) await (await opened(first)).close() // those that are closed do not count
    await opened(first)
    await opened(first)
    const refusal = await hardRefusalOf(first, () => first.createChannel())
    same(refusal.code, 530, `the third channel (${refusal.message})`)
    await host.ask('DELETE', 'user-limits/frugal/max-channels')
    const again = await connected(host.url('few', 'frugal'))
    for (let n = 0; n < 3; n++) await opened(again)
    await again.close()
  },
  async 'connections end with their virtual host, and with their user (320)'(host) {
    const inside = await entered(host, 'doomed', 'guest-of-it')
    const channel = await opened(inside)
    await channel.assertQueue('q')
    const gone = ended(inside)
    await host.ask('DELETE', 'vhosts/doomed')
    has(await gone, /320.*vhost 'doomed' is deleted/, 'the virtual host')
    has(await refused(host.url('doomed', 'guest-of-it')), /ConnectionClose|530/, 'after that')
    const other = await entered(host, 'kept', 'fired')
    const fired = ended(other)
    await host.ask('DELETE', 'users/fired')
    has(await fired, /320.*user 'fired' is deleted/, 'the user')
    await host.ask('PUT', 'vhosts/doomed', {})
    await host.ask('PUT', 'permissions/doomed/guest-of-it', everything)
    const anew = await connected(host.url('doomed', 'guest-of-it'))
    const looking = await opened(anew)
    const refusal = await refusalOf(looking, () => looking.checkQueue('q'))
    same(refusal.code, 404, `a queue of the virtual host that went (${refusal.message})`)
    await anew.close()
  },
}
