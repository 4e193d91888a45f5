// `npm run check`: everything that can be said of the code without a broker's peers. Each step prints its name and
// how long it took; the first failure ends the run with its code.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { violations } from './arrows.js';
const root = join(import.meta.dirname, '..');
function program(command, ...args) {
    return () => spawnSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'inherit' }).status === 0;
}
function arrows() {
    const found = violations(join(root, 'src'));
    for (const line of found)
        console.error(`arrows: ${line}`);
    return found.length === 0;
}
const steps = [
    ['types', program('tsc', '-p', 'tsconfig.json')],
    ['lint and format', program('biome', 'ci', '--error-on-warnings')],
    ['arrows', arrows],
];
for (const [name, step] of steps) {
    const began = performance.now();
    const ok = step();
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    if (!ok)
        process.exit(1);
}
