// The door of server/, and of the package: a broker in this process.

export { type RunningBroker, type StartOptions, start } from './start.ts'
