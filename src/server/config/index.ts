// The door of config/: what `posthorn serve` is told, from flags, environment and file, as options of start().

export { type Given, loadConfig, type ServerConfig } from './config.ts'
