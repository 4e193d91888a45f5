// Two services that a server may have beside its own, from grpc's own packages: health (grpc/grpc, doc/health-checking.md)
// and reflection (doc/server-reflection.md), by which tools like grpcurl find what there is.

import type { Server } from '@grpc/grpc-js'
import type { PackageDefinition } from '@grpc/proto-loader'
import { loadHealth, loadReflection } from './packages.ts'

/** What a server says of its services. */
export interface Health {
  setServing(service: string, isServing: boolean): void
  /** Says of all that they do not serve any more. */
  ending(): void
}

export const noHealth: Health = {
  setServing: () => {
    throw new TypeError('the server has no health service: give it the option `health`')
  },
  ending: () => undefined,
}

/** Errors: GrpcError GRPC_PACKAGE_MISSING. */
export async function withHealth(server: Server, services: readonly string[]): Promise<Health> {
  const { HealthImplementation } = await loadHealth()
  const all = ['', ...services]
  const health = new HealthImplementation(Object.fromEntries(all.map(name => [name, 'SERVING' as const])))
  health.addToServer(server)
  const setServing = (service: string, isServing: boolean): void =>
    health.setStatus(service, isServing ? 'SERVING' : 'NOT_SERVING')
  const ending = (): void => {
    for (const name of all) setServing(name, false)
  }
  return { setServing, ending }
}

/** Errors: GrpcError GRPC_PACKAGE_MISSING. */
export async function withReflection(
  server: Server,
  loaded: PackageDefinition,
  services: readonly string[],
): Promise<void> {
  const { ReflectionService } = await loadReflection()
  new ReflectionService(loaded, { services: [...services] }).addToServer(server)
}
