// RESPONDENT (nng_respondent(7)): answers surveys as REP answers requests: the same hooks under another name.

import type { Pattern } from '../pattern.ts'
import { type Answerer, answering, type State } from './rep.ts'

export const respondent: Pattern<State, Answerer> = answering('respondent')
