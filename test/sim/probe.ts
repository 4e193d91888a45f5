import { run } from './model.ts'
import { openPlainStore } from './plain-store.ts'

const from = Number(process.argv[2] ?? 0),
  count = Number(process.argv[3] ?? 1000)
let crashes = 0,
  steps = 0,
  told = 0
const t = performance.now()
const errors: string[] = []
for (let seed = from; seed < from + count; seed++) {
  try {
    const o = await run(seed, { open: openPlainStore })
    crashes += o.crashes
    steps += o.steps
    told += o.told
  } catch (e) {
    errors.push((e as Error).message)
    if (errors.length > 3) break
  }
}
const s = (performance.now() - t) / 1000
console.log({ crashes, steps, told, perSecond: crashes / s, s })
for (const e of errors) console.log(e)
