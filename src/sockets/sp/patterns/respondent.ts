// RESPONDENT (nng_respondent(7)): answers surveys as REP answers requests: the same hooks under another name.

import { answering } from './rep.ts'

export const respondent = answering('respondent')
