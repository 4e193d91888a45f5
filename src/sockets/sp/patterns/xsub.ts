// Raw SUB: everything from every PUB, unfiltered and by turns, for a device.

import { pulling } from './pull.ts'

export const xsub = pulling('sub')
