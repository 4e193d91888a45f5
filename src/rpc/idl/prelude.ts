// Types that .x files use without declaring them, because C's headers of ONC RPC do: they are added when a file names one
// and does not declare it. Sizes are those of <rpc/xdr.h>,
// <rpc/key_prot.h> and <rpc/auth.h> of libtirpc.

import type { Source } from './source/source.ts'

export const prelude: Source = {
  name: '<built in>',
  text: `
/* Bytes that only their owner understands, such as a handle or a cookie. */
typedef opaque netobj<1024>;

/* A block of the DES cipher. */
typedef opaque des_block[8];

/* Characters of the network name of a user or host. */
const MAXNETNAMELEN = 255;

/* The number of a program. */
typedef unsigned int rpcprog_t;
/* The number of a version. */
typedef unsigned int rpcvers_t;
/* The number of a procedure. */
typedef unsigned int rpcproc_t;
/* The number of a protocol. */
typedef unsigned int rpcprot_t;
/* The number of a port. */
typedef unsigned int rpcport_t;

/* An address in the form of its transport, and the room that it was given. */
struct netbuf {
    unsigned int maxlen;
    opaque buf<>;
};
`,
}
