// The packages that the bridge stands on. They are optional peers of this one: whoever does not use gRPC does not install
// them, so they are loaded when the first server or client asks, and a missing one is named.

import { errorCodeOf } from '../../transport/index.ts'
import { GrpcError } from './errors.ts'

export type GrpcPackage = typeof import('@grpc/grpc-js')
export type LoaderPackage = typeof import('@grpc/proto-loader')
export type HealthPackage = typeof import('grpc-health-check')
export type ReflectionPackage = typeof import('@grpc/reflection')

export interface Packages {
  readonly grpc: GrpcPackage
  readonly loader: LoaderPackage
}

/** Errors: GrpcError GRPC_PACKAGE_MISSING. */
export async function loadPackages(): Promise<Packages> {
  const needed = '@grpc/grpc-js @grpc/proto-loader'
  const [grpc, loader] = await Promise.all([
    loaded(() => import('@grpc/grpc-js'), needed),
    loaded(() => import('@grpc/proto-loader'), needed),
  ])
  return { grpc, loader }
}

/** For the option `health`. Errors: as `loadPackages`. */
export function loadHealth(): Promise<HealthPackage> {
  return loaded(() => import('grpc-health-check'), 'grpc-health-check')
}

/** For the option `reflection`. Errors: as `loadPackages`. */
export function loadReflection(): Promise<ReflectionPackage> {
  return loaded(() => import('@grpc/reflection'), '@grpc/reflection')
}

/** What `load` gives; `needed` is what there is to install when it is not there. */
export async function loaded<T>(load: () => Promise<T>, needed: string): Promise<T> {
  try {
    return await load()
  } catch (error) {
    const code = errorCodeOf(error)
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error
    throw new GrpcError('GRPC_PACKAGE_MISSING', `npm install ${needed}`, { cause: error })
  }
}
