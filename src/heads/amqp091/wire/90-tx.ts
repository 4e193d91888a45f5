// Class tx (90).

import { method } from './method.ts'

export const TxSelect = method({ class: 90, id: 10, name: 'tx.select', from: 'client' }, {})
export const TxSelectOk = method({ class: 90, id: 11, name: 'tx.select-ok', from: 'server' }, {})
export const TxCommit = method({ class: 90, id: 20, name: 'tx.commit', from: 'client' }, {})
export const TxCommitOk = method({ class: 90, id: 21, name: 'tx.commit-ok', from: 'server' }, {})
export const TxRollback = method({ class: 90, id: 30, name: 'tx.rollback', from: 'client' }, {})
export const TxRollbackOk = method({ class: 90, id: 31, name: 'tx.rollback-ok', from: 'server' }, {})
