// The topic of a queue, as Kafka clients see it. In the first virtual host a queue whose name Kafka can write has a
// topic of the same name; every other queue has one whose name begins with `__q.`, from which its own can be told.

import { createHash } from 'node:crypto'
import { TOPIC_NAME_LENGTH_MAX } from '../topics/topics.ts'

/** The virtual host that is always there. */
export const FIRST_VHOST = '/'
const PREFIX = '__q.'

/** Different queues have different topics. */
export function topicNameOf(vhost: string, name: string): string {
  const isPlain = vhost === FIRST_VHOST && /^[a-zA-Z0-9._-]{1,249}$/.test(name)
  if (isPlain && name !== '.' && name !== '..' && !name.startsWith(PREFIX)) return name
  const whole = `${PREFIX}${escaped(vhost)}.${escaped(name)}`
  if (whole.length <= TOPIC_NAME_LENGTH_MAX) return whole
  const digest = createHash('sha256').update(`${vhost}\0${name}`).digest('hex')
  return `${whole.slice(0, TOPIC_NAME_LENGTH_MAX - digest.length - 1)}.${digest}`
}

/** Letters, digits and '-' stand for themselves, every other byte is '_' and two hexadecimal digits. */
function escaped(text: string): string {
  let written = ''
  for (const byte of Buffer.from(text)) {
    const char = String.fromCharCode(byte)
    written += /[a-zA-Z0-9-]/.test(char) ? char : `_${byte.toString(16).padStart(2, '0')}`
  }
  return written
}
