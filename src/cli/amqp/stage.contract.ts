// For tests: a command line against an AMQP broker in this process, and a management API that says what it is told.

import { createServer } from 'node:http'
import { type InvocationOptions, posthorn } from '../kafka/stage.contract.ts'

/** Runs one command line against the broker at this URL. */
export function invoke(url: string, words: readonly string[], options: InvocationOptions = {}) {
  return posthorn('', words, { ...options, env: { POSTHORN_AMQP_URL: url, ...options.env } })
}

export interface StubRequest {
  /** 'GET /api/queues/%2F' */
  readonly line: string
  readonly authorization: string
  readonly body: string
}

/** Answers by 'METHOD /path'; what it does not know is 404. */
export async function managementStub(answers: Readonly<Record<string, unknown>>) {
  const requests: StubRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const line = `${request.method} ${request.url}`
      const { authorization = '' } = request.headers
      requests.push({ line, authorization, body: Buffer.concat(chunks).toString() })
      const answer = answers[line]
      response.statusCode = answer === undefined ? 404 : 200
      response.end(JSON.stringify(answer ?? { error: 'Object Not Found', reason: 'Not Found' }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () => new Promise(resolve => server.close(resolve)),
  }
}
