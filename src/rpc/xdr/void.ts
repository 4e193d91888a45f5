// void (RFC 4506, 4.16): no bytes at all. What procedures without argument or result have.

import { plainKind, refuse, type Xdr, xdrType } from './type.ts'

/** void: undefined. */
export const nothing: Xdr<undefined> = xdrType(
  plainKind('void', {
    read: () => undefined,
    write(to, value) {
      if (value !== undefined) refuse(to, value, 'undefined, which is what void holds')
    },
  }),
)
