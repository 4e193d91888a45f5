// Waiting for a gate both ways, and calling it off.

import { describe, expect, it } from 'vitest'
import { Gate } from './gate.ts'
import { watched } from './watched-signal.contract.ts'

describe('Gate', () => {
  it('lets through at once what it is open for, and has the rest wait', async () => {
    const gate = new Gate()
    expect([gate.isOpen, gate.whenShut()]).toEqual([false, undefined])
    const opened = Promise.all([gate.whenOpen(), gate.whenOpen()])
    gate.open()
    gate.open()
    await opened
    expect([gate.isOpen, gate.whenOpen()]).toEqual([true, undefined])
    const shut = gate.whenShut()
    gate.shut()
    await shut
  })

  it('forgets who calls the waiting off', async () => {
    const gate = new Gate({ open: true })
    const { controller, listeners } = watched()
    const shut = gate.whenShut(controller.signal)
    expect(listeners()).toBe(1)
    gate.shut()
    await shut
    expect(listeners()).toBe(0)
    const open = gate.whenOpen(controller.signal)
    controller.abort(new Error('off'))
    await expect(open).rejects.toThrow('off')
    await expect(gate.whenOpen(controller.signal)).rejects.toThrow('off')
  })
})
