// All procedures that change something, for a folder that is served for writing.

import { nfsstat3 } from '../nfs.js'
import type { ExportedFiles } from './files.js'
import { naming } from './naming.js'
import { type Changing, refusing } from './refusing.js'
import { writing } from './writing.js'

/** What is not offered (MKNOD: nobody makes devices from afar) is refused as such. */
export function changing(files: ExportedFiles): Changing {
  return { ...refusing(nfsstat3.NFS3ERR_NOTSUPP), ...writing(files), ...naming(files) }
}
