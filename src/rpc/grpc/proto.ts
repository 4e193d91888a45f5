// Services as .proto files describe them. The files are read by @grpc/proto-loader at run time: no code is generated.

import type { Options, PackageDefinition, ServiceDefinition } from '@grpc/proto-loader'
import { GrpcError } from './errors.ts'
import type { LoaderPackage } from './packages.ts'

export type Method = ServiceDefinition[string]

/** How messages look in JavaScript. */
export interface ProtoValues {
  /** Fields keep the names of the file; by default they are in camel case. */
  readonly keepCase?: boolean
  /** 64-bit integers. Default 'string', which loses nothing; 'number' does above 2^53. */
  readonly longs?: 'string' | 'number'
  /** Default 'name'. */
  readonly enums?: 'name' | 'number'
  /** Whether fields that were not sent have their defaults. Default true. */
  readonly defaults?: boolean
}

export interface ProtoOptions {
  /** One file or several: a path, or relative to one of `includeDirs`. */
  readonly proto: string | readonly string[]
  /** Where imported files are looked for. */
  readonly includeDirs?: readonly string[]
  readonly values?: ProtoValues
}

/** Errors: GrpcError GRPC_PROTO_INVALID. */
export async function loadProto(
  { load }: LoaderPackage,
  { proto, includeDirs = [], values = {} }: ProtoOptions,
): Promise<PackageDefinition> {
  const files = typeof proto === 'string' ? proto : [...proto]
  try {
    return await load(files, {
      // With none it would warn that it did not find the file there.
      ...(includeDirs.length > 0 && { includeDirs: [...includeDirs] }),
      ...loaderOptions(values),
    })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new GrpcError('GRPC_PROTO_INVALID', `${[files].flat().join(', ')}: ${why}`, { cause: error })
  }
}

function loaderOptions({
  keepCase = false,
  longs = 'string',
  enums = 'name',
  defaults = true,
}: ProtoValues): Options {
  return {
    keepCase,
    longs: longs === 'string' ? String : Number,
    ...(enums === 'name' && { enums: String }),
    defaults,
    oneofs: true,
  }
}

/** The service of that full name, `package.Service`. Errors: GrpcError GRPC_SERVICE_UNKNOWN. */
export function serviceOf(loaded: PackageDefinition, name: string): ServiceDefinition {
  const found = Object.hasOwn(loaded, name) ? loaded[name] : undefined
  if (isService(found)) return found
  const there = Object.keys(loaded).filter(one => isService(loaded[one]))
  throw new GrpcError('GRPC_SERVICE_UNKNOWN', `'${name}'; there is ${there.join(', ') || 'none'}`)
}

/** A message or an enumeration has a format, a service has methods alone. */
function isService(found: PackageDefinition[string] | undefined): found is ServiceDefinition {
  return found !== undefined && typeof found.format !== 'string'
}

/** What a method may be called in JavaScript: `SayHello`, and `sayHello`. */
export function namesOf(name: string, { originalName }: Method): readonly string[] {
  return originalName === undefined || originalName === name ? [name] : [name, originalName]
}

/** Whether a message is empty whatever is in it, like google.protobuf.Empty. */
export function hasNoFields({ type }: Method['requestType']): boolean {
  const { field } = type as { readonly field?: readonly unknown[] }
  return field?.length === 0
}
