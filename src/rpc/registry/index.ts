// The door of registry/: names of servers.

export {
  type NamedOptions,
  type NameRegistration,
  named,
  type RegisterNameOptions,
  registerName,
} from './register.ts'
export { type BoundName, type NameLease, Registry, type RegistryOptions } from './registry.ts'
