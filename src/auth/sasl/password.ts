// A user name with a password, whatever message it came in: PLAIN and AMQPLAIN end here. The password is checked against
// the stored SCRAM credential, which is slow on purpose.

import { looksLikeJwt } from '../oauth/jwt.ts'
import { user } from '../principal.ts'
import { type Credentials, failed, type SaslStep } from './mechanism.ts'
import { isUserName } from './text.ts'

/** Whether a login may come with this name: one that is empty only with a token, which brings its own. */
export function isLoginName(name: string, password: string): boolean {
  return isUserName(name) || (name === '' && looksLikeJwt(password))
}

/** The outcome of a login by name and password. Never rejects. */
export async function checkLogin(users: Credentials, name: string, password: string): Promise<SaslStep> {
  const verdict = await users.checkPassword(name, password)
  if (verdict === 'busy') {
    const reason = 'too many password checks are waiting'
    return failed(reason, 'Authentication failed: the server is busy, try again')
  }
  if (verdict === 'wrong') return failed(`unknown user or wrong password for '${name}'`)
  return { at: 'done', principal: verdict === 'right' ? user(name) : verdict }
}
