// Tokens in the place of passwords, as the file has them. The keys are a file, too, and read here, once.

import { dirname, resolve } from 'node:path'
import type { OauthSettings } from '../../auth/index.ts'
import { readText } from './file.ts'
import { invalid } from './listener.ts'

/** As the schema has it. */
export type FileOauth = Omit<OauthSettings, 'keys'> & { readonly keys: string }

/** Errors: SERVER_CONFIG_INVALID naming the file of the keys; never with a part of a key. */
export async function oauthOf(oauth: FileOauth, file: string): Promise<OauthSettings> {
  const path = resolve(dirname(file), oauth.keys)
  const text = await readText(path, 'key')
  try {
    return { ...oauth, keys: JSON.parse(text) as unknown }
  } catch {
    throw invalid(path, 'the key file is not JSON: it must be a JWK set, {"keys": [...]}')
  }
}
