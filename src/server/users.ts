// Users that the owner configured. They are put into the registry at every start and never into the data: whoever is
// taken out of the configuration is gone. Where a user is also kept in the data, the configuration wins at start.

import {
  credentialFromJson,
  credentialFromPassword,
  type ScramCredentialJson,
  type ScramName,
  scramNames,
  type UserChange,
  type Users,
} from '../auth/index.ts'

/** A user with a password, or with credentials made elsewhere (byte fields in base64). `tags` are those of RabbitMQ. */
export type ConfiguredUser =
  | { readonly name: string; readonly tags?: readonly string[]; readonly password: string }
  | {
      readonly name: string
      readonly tags?: readonly string[]
      readonly scram: Readonly<Partial<Record<ScramName, ScramCredentialJson>>>
    }

/** Puts the users into the registry. Errors: AuthError AUTH_CREDENTIAL_UNACCEPTABLE, AUTH_RECORD_INVALID. */
export async function configureUsers(configured: readonly ConfiguredUser[], users: Users): Promise<void> {
  for (const one of configured) for (const change of await changesOf(one, users)) users.apply(change)
}

async function changesOf(one: ConfiguredUser, users: Users): Promise<UserChange[]> {
  if ('password' in one) return Promise.all(scramNames.map(mechanism => fromPassword(one, mechanism, users)))
  return scramNames.flatMap(mechanism => {
    const json = one.scram[mechanism]
    if (json === undefined) return []
    return [
      { kind: 'set' as const, user: one.name, mechanism, credential: credentialFromJson(mechanism, json) },
    ]
  })
}

/**
 * The salt is the one that the registry shows for that name already. A fresh one would change with every start, while
 * the made-up salts of unknown users stay: that would tell who exists.
 */
async function fromPassword(
  { name, password }: { readonly name: string; readonly password: string },
  mechanism: ScramName,
  users: Users,
): Promise<UserChange> {
  const { salt } = users.scram(name, mechanism).credential
  const credential = await credentialFromPassword(mechanism, password, { salt, derive: users.derive })
  return { kind: 'set', user: name, mechanism, credential }
}
