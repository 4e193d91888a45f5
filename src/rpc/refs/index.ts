// The door of refs/: what goes by reference.

export { ByReference, byReference, passedByReference } from './by-reference.ts'
