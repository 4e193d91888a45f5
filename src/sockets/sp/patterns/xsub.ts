// Raw SUB: everything from every PUB, unfiltered and by turns, for a device.

import type { Pattern } from '../pattern.ts'
import type { Idle } from './idle.ts'
import { pulling, type State } from './pull.ts'

export const xsub: Pattern<State, Idle> = pulling('sub')
