// Sizes in bytes and lengths of time as people write and read them. Decimal units (kB, MB) are powers of 1000, binary
// ones (KiB, MiB) powers of 1024, as IEC 80000-13 has it; what is printed is binary, because buffers and segments are.
const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

/** The size in bytes of '1024', '64MB', '1.5 GiB'. Throws RangeError naming the text when it is not a size. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/.exec(text.trim().toLowerCase())
  const unit = unitBytes[match?.[2] ?? '?']
  const bytes = unit === undefined ? Number.NaN : Math.round(Number(match?.[1]) * unit)
  if (!Number.isSafeInteger(bytes))
    throw new RangeError(`'${text}' is not a size: write 512, 64kB, 64MB or 1GiB`)
  return bytes
}

/** A size for people: '512 B', '1.5 MiB'. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = bytes
  let unit = 0
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : trimmed(value)} ${units[unit]}`
}

/** A length of time for people, from ms: '250 ms', '1.5 s', '3 min', '2 h', '7 d'. */
export function formatDuration(ms: number): string {
  const steps = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ] as const
  const step = steps.find(([size]) => Math.abs(ms) >= size)
  return step === undefined ? `${trimmed(ms)} ms` : `${trimmed(ms / step[0])} ${step[1]}`
}

function trimmed(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) < 100 ? 1 : 0)))
}
