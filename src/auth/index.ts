// The door of auth/: who somebody is (SASL machines, users) and what they may do (access control entries). Pure: no
// sockets, no files, no clock; owners keep the changes and apply them.
//
//   const users = new Users({ decoySecret })
//   for (const change of await passwordChanges({ user: 'ann', password }, { world })) users.apply(change)
//   const exchange = scram('SCRAM-SHA-256').start(users, { address: '10.0.0.7' }, world)
//   const step = await exchange.step(response)          // continue | done | failed
//   const authorizer = new Authorizer({ superUsers: ['User:root'] })
//   authorizer.authorize({ principal, host }, 'read', { type: 'topic', name: 'orders' })

export { type AclChange, Authorizer, type Requester, type Resource, type Ruling } from './acl/authorizer.ts'
export {
  type AclBinding,
  bindingKey,
  CLUSTER_NAME,
  EVERYBODY,
  type Operation,
  operations,
  type PatternType,
  type Permission,
  parseBinding,
  patternTypes,
  permissions,
  type ResourceType,
  resourceTypes,
  WILDCARD,
} from './acl/binding.ts'
export { type AclFilter, everyAcl, filterMatches } from './acl/filter.ts'
export {
  credentialFromJson,
  credentialFromPassword,
  credentialFromSalted,
  credentialToJson,
  passwordMatches,
  type SaltedCredential,
  type ScramCredential,
  type ScramCredentialJson,
} from './credentials.ts'
export { Derivations } from './derivations.ts'
export { AuthError, type AuthErrorCode, authErrors } from './errors.ts'
export { canonicalHost } from './host.ts'
export {
  ACLS_MAX,
  CREDENTIALS_MAX,
  SASL_MESSAGE_BYTES_MAX,
  SCRAM_ITERATIONS_DEFAULT,
  SCRAM_ITERATIONS_MAX,
  SCRAM_ITERATIONS_MIN,
  USER_NAME_BYTES_MAX,
} from './limits.ts'
export type { ScopeRule } from './oauth/scopes.ts'
export { type OauthSettings, type TokenGrant, type TokenLogin, TokenLogins } from './oauth/token-logins.ts'
export { ANONYMOUS, type Principal, principalText, tokenUser, user } from './principal.ts'
export { amqplain } from './sasl/amqplain.ts'
export { type Login, plainClient, type SaslClient, type SaslClientStep, scramClient } from './sasl/client.ts'
export { type CertificateIdentity, certificateUser, external } from './sasl/external.ts'
export type {
  Credentials,
  PeerCertificate,
  PeerFacts,
  SaslExchange,
  SaslFailure,
  SaslMechanism,
  SaslStep,
} from './sasl/mechanism.ts'
export { plain } from './sasl/plain.ts'
export { scram } from './sasl/scram.ts'
export { isScramName, type ScramName, scramNames } from './sasl/scram-keys.ts'
export {
  passwordChanges,
  saltedChange,
  type UserChange,
  userChangeFromJson,
  userChangeToJson,
} from './user-change.ts'
export { type CredentialSummary, Users } from './users.ts'
