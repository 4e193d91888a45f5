// Listeners of a log: the first lies in a field of its own, and must come and go as the others do.

import { expect, it } from 'vitest'
import { Watchers } from './watchers.ts'

it('tells everybody who listens, whoever came or went first', () => {
  const watchers = new Watchers()
  const heard: string[] = []
  const listen = (name: string) => watchers.add(() => heard.push(name))
  const told = (): string => {
    heard.length = 0
    watchers.notify()
    return heard.sort().join('')
  }
  expect(told()).toBe('')
  const [a, b, c] = [listen('a'), listen('b'), listen('c')]
  expect(told()).toBe('abc')
  a()
  a()
  expect(told()).toBe('bc')
  const d = listen('d')
  a()
  b()
  expect(told()).toBe('cd')
  d()
  c()
  expect(told()).toBe('')
})

it('lets a listener go while it is told', () => {
  const watchers = new Watchers()
  let calls = 0
  const stop = watchers.add(() => {
    calls++
    stop()
  })
  watchers.notify()
  watchers.notify()
  expect(calls).toBe(1)
})
