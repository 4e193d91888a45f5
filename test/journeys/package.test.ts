// The package as compilers find it: those that do not read `exports` (TypeScript's node10, the default of CommonJS projects for
// years) find the same declarations by `typesVersions`.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface Package {
  readonly types: string
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>
  readonly typesVersions: { readonly '*': Readonly<Record<string, readonly string[]>> }
}

it('older compilers find every declaration, too', () => {
  const content = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { types, exports, typesVersions } = JSON.parse(content) as Package
  const declared = Object.entries(exports).flatMap(([path, entry]) =>
    typeof entry === 'string' ? [] : [[path.slice(2), [entry.types]] as const],
  )
  expect(Object.fromEntries([['', [types]], ...Object.entries(typesVersions['*'])])).toEqual(
    Object.fromEntries(declared),
  )
})
