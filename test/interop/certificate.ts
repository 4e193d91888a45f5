// A certificate authority of this run alone, a server certificate for loopback and a client's, made with openssl.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { succeed } from './processes.ts'

export interface Certificates {
  /** Files, PEM. */
  readonly ca: string
  readonly cert: string
  readonly key: string
  /** Of the user whose name is CLIENT_NAME. */
  readonly clientCert: string
  readonly clientKey: string
}

/** The common name of the client certificate. */
export const CLIENT_NAME = 'certified'

/** Makes both in `folder`. Errors: openssl is not there, or refuses. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string): string => join(folder, name)
  const openssl = (...args: string[]) => succeed({ command: 'openssl', args, cwd: folder })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const days = ['-days', '2']
  await openssl(
    'req',
    '-x509',
    ...newKey,
    ...days,
    '-subj',
    '/CN=Test CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
  )
  await openssl('req', ...newKey, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr')
  writeFileSync(file('names.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names.ext']
  await openssl('x509', '-req', '-in', 'server.csr', ...signing, ...days, '-out', 'server.pem')
  const subject = ['-subj', `/CN=${CLIENT_NAME}`]
  await openssl('req', ...newKey, ...subject, '-keyout', 'client.key', '-out', 'client.csr')
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial']
  await openssl('x509', '-req', '-in', 'client.csr', ...signed, ...days, '-out', 'client.pem')
  return {
    ...{ ca: file('ca.pem'), cert: file('server.pem'), key: file('server.key') },
    ...{ clientCert: file('client.pem'), clientKey: file('client.key') },
  }
}
