// For tests: a store whose logs can be told to refuse what is appended, as a full disk would.

import { LogError, type LogStore } from '../log/index.ts'

/** The store; appends are refused while `full` says so. */
export function fillable(store: LogStore, full: () => boolean): LogStore {
  return new Proxy(store, {
    get(target, name) {
      if (name !== 'open') return Reflect.get(target, name, target)
      return async (...opening: Parameters<LogStore['open']>) => {
        const opened = await target.open(...opening)
        const append: typeof opened.append = batch =>
          full() ? Promise.reject(new LogError('LOG_DISK_FULL', 'no room')) : opened.append(batch)
        return new Proxy(opened, {
          get(one, key) {
            const value: unknown = key === 'append' ? append : Reflect.get(one, key, one)
            return typeof value === 'function' ? value.bind(one) : value
          },
        })
      }
    },
  })
}
