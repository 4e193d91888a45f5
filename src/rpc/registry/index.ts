// The door of registry/: names of servers.

export { type NamedOptions, named, type RegisterOptions, type Registration, register } from './register.ts'
export { type BoundName, type NameLease, Registry, type RegistryOptions } from './registry.ts'
