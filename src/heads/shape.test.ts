// Every head has the same nine rooms, so that whoever knows one knows all.

import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const rooms = ['errors', 'frame', 'gaps', 'head', 'limits', 'message', 'session', 'verbs', 'wire']
const heads = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)

describe.each(heads)('the head %s', head => {
  it.each(rooms)('has %s, as a file or a folder', room => {
    const names = readdirSync(`${import.meta.dirname}/${head}`)
    expect(names.filter(name => name === `${room}.ts` || name === room)).toHaveLength(1)
  })

  it('names its verbs by key and name where its protocol has keys', () => {
    const files = readdirSync(`${import.meta.dirname}/${head}/verbs`)
    for (const file of files) expect(file).toMatch(/^(\d\d-[a-z-]+|[a-z-]+)(\.(test|contract))?\.ts$/)
  })
})
