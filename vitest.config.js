import { defineConfig } from 'vitest/config';
/** Unit tests lie beside the code; what needs other people's programs is under test/interop and runs by itself. */
export default defineConfig({
    test: {
        include: ['src/**/*.test.ts', 'test/{sim,vectors,journeys}/**/*.test.ts', 'tools/**/*.test.ts'],
        pool: 'threads',
        maxWorkers: 2,
        testTimeout: 60_000,
        hookTimeout: 60_000,
    },
});
