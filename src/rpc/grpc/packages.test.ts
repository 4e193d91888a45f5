// A missing package is named; any other failure of loading is itself.

import { describe, expect, it } from 'vitest'
import { loaded } from './packages.ts'

describe('loading an optional package', () => {
  it('names what to install when it is missing', async () => {
    const missing = loaded(() => import('@posthorn/not-there' as string), '@grpc/grpc-js @grpc/proto-loader')
    await expect(missing).rejects.toMatchObject({
      code: 'GRPC_PACKAGE_MISSING',
      details: 'npm install @grpc/grpc-js @grpc/proto-loader',
    })
  })

  it('gives on what the package throws', async () => {
    const broken = new Error('broken')
    await expect(loaded(() => Promise.reject(broken), 'x')).rejects.toBe(broken)
  })
})
