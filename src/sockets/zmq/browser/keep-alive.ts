// A page lives as long as its reader wants: nothing keeps it. Stands for keep-alive.ts in the bundle.

export function hold(): void {}

export function release(): void {}

export function beforeExit(): void {}
