// What the scopes of a token allow, in RabbitMQ's words: `<prefix>tag:monitoring`, and
// `<prefix>write:<vhost>/<name>[/<routing key>]` with wildcards. Scopes of others are passed over, and so is what has not
// that form: a scope only ever allows.

import { SCOPES_MAX } from '../limits.ts'
import { Wildcard } from './wildcard.ts'

/** One thing that is allowed. */
export interface ScopeRule {
  readonly kind: 'configure' | 'write' | 'read'
  readonly vhost: Wildcard
  readonly name: Wildcard
  /** Without, no routing key of a topic exchange is allowed: RabbitMQ's rule. */
  readonly routingKey?: Wildcard
}

export interface ScopeGrant {
  readonly tags: readonly string[]
  readonly rules: readonly ScopeRule[]
}

export interface ScopeOptions {
  /** What the scopes that are meant begin with: `orders.`. */
  readonly prefix: string
  /** Scopes that stand for others, which have the prefix. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>
}

const ruleForm = /^(configure|write|read):([^/]+)\/([^/]+)(?:\/([^/]+))?$/
const tagForm = /^tag:([^\s,]{1,255})$/

/** Of the claim `scope`: words in one text, or a list. */
export function grantOf(claim: unknown, { prefix, aliases = {} }: ScopeOptions): ScopeGrant {
  const scopes = listOf(claim)
    .flatMap(one => (Object.hasOwn(aliases, one) ? (aliases[one] ?? []) : [one]))
    .slice(0, SCOPES_MAX)
    .flatMap(one => (one.startsWith(prefix) ? [one.slice(prefix.length)] : []))
  return {
    tags: [...new Set(scopes.flatMap(one => tagForm.exec(one)?.[1] ?? []))],
    rules: scopes.flatMap(one => ruleOf(one) ?? []),
  }
}

function listOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter(one => one !== '')
  return Array.isArray(claim) ? claim.filter(one => typeof one === 'string') : []
}

function ruleOf(scope: string): ScopeRule | undefined {
  const [, kind, vhostText = '', nameText = '', keyText] = ruleForm.exec(scope) ?? []
  if (kind !== 'configure' && kind !== 'write' && kind !== 'read') return undefined
  const vhost = Wildcard.parse(vhostText)
  const name = Wildcard.parse(nameText)
  if (vhost === undefined || name === undefined) return undefined
  if (keyText === undefined) return { kind, vhost, name }
  const routingKey = Wildcard.parse(keyText)
  return routingKey && { kind, vhost, name, routingKey }
}
