// The opening handshake without sockets: the RFC's own example, every reason to refuse, and heads of any cut.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptOf, agreedIn, decide, requestOf } from './handshake.ts'
import { type Head, type NoHead, readHead } from './head.ts'
import { wsLimits } from './limits.ts'

const key = 'dGhlIHNhbXBsZSBub25jZQ=='
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

async function headOf(text: string, cuts: readonly number[] = [text.length]): Promise<Head | NoHead> {
  const bytes = Buffer.from(text, 'latin1')
  async function* chunks(): AsyncGenerator<Buffer> {
    for (let at = 0, cut = 0; at < bytes.length; cut++) {
      const length = cuts[cut % cuts.length] ?? 1
      yield bytes.subarray(at, at + length)
      at += length
    }
  }
  return readHead(chunks(), wsLimits)
}

async function wholeHead(text: string): Promise<Head> {
  const head = await headOf(text)
  if ('flaw' in head) throw new Error(head.flaw)
  return head
}

const asking = { authority: 'a:1', target: '/chat', key, protocols: ['chat', 'superchat'], headers: {} }
const request = requestOf(asking)

describe('a server', () => {
  it('proves that it read the key (RFC 6455 section 1.3)', async () => {
    expect(acceptOf(key)).toBe(accept)
    const decision = decide(await wholeHead(request), { path: '/chat', protocols: ['superchat', 'chat'] })
    expect(decision).toMatchObject({ at: 'accepted', protocol: 'superchat' })
    expect(decision.response).toContain(`Sec-WebSocket-Accept: ${accept}\r\n`)
  })

  it.each([
    ['another method', request.replace('GET', 'POST'), 400],
    ['an old HTTP', request.replace('1.1', '1.0'), 400],
    ['a whole URL', request.replace('/chat', 'http://a/chat'), 400],
    ['a start line of four words', request.replace('GET', 'GET GET'), 400],
    ['no Host', request.replace('Host', 'Ghost'), 400],
    ['no upgrade', request.replace('Upgrade: websocket', 'Upgrade: h2c'), 426],
    ['no connection token', request.replace('Connection: Upgrade', 'Connection: close'), 426],
    ['another version', request.replace('Version: 13', 'Version: 8'), 426],
    ['a key of other length', request.replace(key, 'c2hvcnQ='), 400],
    ['two keys', request.replace('Host', `Sec-WebSocket-Key: ${key}\r\nHost`), 400],
    ['another path', request.replace('/chat', '/chats'), 404],
  ])('refuses %s', async (_what, text, status) => {
    const decision = decide(await wholeHead(text), { path: '/chat' })
    expect(decision).toMatchObject({ at: 'refused', status })
    expect(decision.response.startsWith(`HTTP/1.1 ${status} `)).toBe(true)
    if (status === 426) expect(decision.response).toContain('Sec-WebSocket-Version: 13')
  })

  it('takes tokens in any case and among others', async () => {
    const text = request
      .replace('Upgrade: websocket', 'upgrade: h2c, WebSocket')
      .replace('Connection: Upgrade', 'CONNECTION: keep-alive,upgrade')
    expect(decide(await wholeHead(text), {}).at).toBe('accepted')
  })
})

describe('a client', () => {
  const answer = (fields: readonly string[], start = 'HTTP/1.1 101 Switching Protocols'): string =>
    [start, ...fields, '', ''].join('\r\n')
  const good = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  const chat = 'Sec-WebSocket-Protocol: chat'

  it('learns which sub-protocol was chosen', async () => {
    expect(agreedIn(await wholeHead(answer([...good, chat])), asking)).toBe('chat')
    expect(agreedIn(await wholeHead(answer(good)), { ...asking, protocols: [] })).toBe('')
  })

  it.each([
    ['a refusal', answer([], 'HTTP/1.1 403 Forbidden'), 'WS_REFUSED'],
    ['another protocol than HTTP', answer([], 'SSH-2.0'), 'WS_HANDSHAKE_INVALID'],
    ['no upgrade', answer(good.slice(1)), 'WS_HANDSHAKE_INVALID'],
    [
      'the proof of another key',
      answer([...good.slice(0, 2), 'Sec-WebSocket-Accept: x']),
      'WS_HANDSHAKE_INVALID',
    ],
    ['an extension', answer([...good, chat, 'Sec-WebSocket-Extensions: a']), 'WS_HANDSHAKE_INVALID'],
    ['a sub-protocol of its own', answer([...good, 'Sec-WebSocket-Protocol: x']), 'WS_HANDSHAKE_INVALID'],
    ['no sub-protocol', answer(good), 'WS_HANDSHAKE_INVALID'],
  ])('does not accept %s', async (_what, text, code) => {
    const head = await wholeHead(text)
    expect(() => agreedIn(head, asking)).toThrow(expect.objectContaining({ code }))
  })
})

describe('a head', () => {
  it('is read however it is cut, and what follows is kept', async () => {
    const whole = await headOf(`${request}rest`)
    const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 9 })
    await fc.assert(
      fc.asyncProperty(cuts, async lengths => {
        const head = await headOf(request, lengths)
        expect({ ...head, rest: '' }).toEqual({ ...whole, rest: '' })
      }),
      { numRuns: 30 },
    )
    expect('rest' in whole && String(whole.rest)).toBe('rest')
  })

  it.each([
    ['a field that continues (obsolete folding)', 'GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n', 400],
    ['a space before the colon', 'GET / HTTP/1.1\r\nA : b\r\n\r\n', 400],
    ['a control character', 'GET / HTTP/1.1\r\nA: b\x00\r\n\r\n', 400],
    ['an early end', 'GET / HTTP/1.1\r\nA: b\r\n', 400],
    ['no end within the limit', `GET / HTTP/1.1\r\nA: ${'b'.repeat(wsLimits.headBytesMax)}`, 431],
    ['an end beyond the limit', `GET / HTTP/1.1\r\nA: ${'b'.repeat(wsLimits.headBytesMax)}\r\n\r\n`, 431],
    ['too many fields', `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(wsLimits.headersMax + 1)}\r\n`, 431],
  ])('is not one with %s', async (_what, text, status) => {
    expect(await headOf(text)).toMatchObject({ status })
  })
})
