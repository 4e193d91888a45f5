// What a process says about itself: one line an event, with fields. Handed in, so that a test can listen and an
// embedding program can send it where its own lines go.

export type ReportFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Reporter {
  debug(message: string, fields?: ReportFields): void
  info(message: string, fields?: ReportFields): void
  warn(message: string, fields?: ReportFields): void
  error(message: string, fields?: ReportFields): void
}

/** Says nothing. */
export const silent: Reporter = { debug() {}, info() {}, warn() {}, error() {} }
