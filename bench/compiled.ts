// Our own ends of a measurement, each compiled to one file of plain JavaScript, as a user's program is when it runs. A loader
// of TypeScript in the process is not free: what it leaves in the heap can decide whether V8 collects the memory of messages
// while they are young or with the whole heap, which halves the rate at 64 KiB.

import { build } from 'esbuild'

/** The oldest that Posthorn runs on. */
const TARGET = 'node20'

/** Compiles `sources` into `folder`, `name.ts` to `name.mjs`; packages are found from there. Errors: it does not compile. */
export async function compilePrograms(sources: readonly string[], folder: string): Promise<void> {
  await build({
    entryPoints: [...sources],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: TARGET,
    logLevel: 'error',
  })
}
