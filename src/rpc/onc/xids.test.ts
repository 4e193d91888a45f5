import { expect, test } from 'vitest'
import { Xids } from './xids.ts'

test('numbers go round at 32 bits', () => {
  const xids = new Xids<string>(0xffff_fffd)
  const given = ['a', 'b', 'c', 'd'].map(name => {
    const xid = xids.next()
    xids.add(name)
    return xid
  })
  expect(given).toEqual([0xffff_fffe, 0xffff_ffff, 0, 1])
  expect(xids.size).toBe(4)
  expect([...xids.values()]).toEqual(['a', 'b', 'c', 'd'])
  expect(xids.take(0xffff_ffff)).toBe('b')
  expect(xids.take(0xffff_ffff)).toBeUndefined()
  expect(xids.take(1)).toBe('d')
  expect(xids.take(2)).toBeUndefined()
  expect(xids.take(0xffff_fffe)).toBe('a')
  expect(xids.take(0)).toBe('c')
  expect(xids.size).toBe(0)
})

test('numbers without an answer are left out', () => {
  const xids = new Xids<string>(7)
  xids.next()
  const xid = xids.next()
  xids.add('a')
  expect(xid).toBe(9)
  expect(xids.take(8)).toBeUndefined()
  expect(xids.take(9)).toBe('a')
})
