// The server-side assignors by name; the first is what a group uses whose members wish for nothing else.

import type { Assignor } from './assignor.ts'
import { range } from './range.ts'
import { uniform } from './uniform.ts'

export const DEFAULT_ASSIGNOR: Assignor = uniform

export const assignors: ReadonlyMap<string, Assignor> = new Map([uniform, range].map(one => [one.name, one]))
