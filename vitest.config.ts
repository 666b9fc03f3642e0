import { defineConfig } from 'vitest/config'

// Native WebRTC aborts under the threads pools (rule HO4); every project forks.
const project = (name: string, include: string[], extra: object = {}) => ({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: { name, include, pool: 'forks' as const, testTimeout: 20_000, ...extra },
})

/**
 * Files of these share a process: starting one and loading the code for each file cost more than the
 * tests. Nothing in them may depend on the files before it; each-file.ts starts anew what is shared.
 */
const fast = (mode: string) => ({
  isolate: false,
  // all cores: vitest would leave one idle, which is half of a small machine
  maxWorkers: '100%',
  setupFiles: ['tests/support/each-file.ts'],
  // `--mode quick` tries properties less often (tests/support/tries.ts)
  env: { BATON_TRIES: mode === 'quick' ? 'few' : 'all' },
})

/**
 * Tests with real parts that wait, or compute and measure nothing: three at a time. All other real ones
 * have the machine for themselves, since what they time or kill needs it.
 */
const beside = [
  ...['archive', 'cli', 'driven', 'guess', 'invite', 'keyring-kill', 'lock', 'place-kill'],
  ...['reconnect', 'recovery', 'silent-stream', 'watched'],
].map((name) => `tests/real/${name}.test.ts`)

/** Of those in a browser what times something, or kills it in the middle. */
const timed = ['keeping', 'killed', 'leaving', 'line', 'page-node', 'tabs'].map(
  (name) => `tests/web/${name}.test.ts`,
)

export default defineConfig(({ mode }) => ({
  test: {
    coverage: {
      provider: 'v8',
      include: ['shared/src/**', 'client/src/core/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 85, branches: 85 },
    },
    projects: [
      project('unit', ['tests/{shared,client,signaling}/**/*.test.ts'], fast(mode)),
      project('contract', ['tests/contract/**/*.test.ts'], fast(mode)),
      project('mesh', ['tests/mesh/**/*.test.ts'], fast(mode)),
      project('pins', ['tests/pins/**/*.test.ts'], fast(mode)),
      project('real', ['tests/real/**/*.test.ts'], {
        exclude: beside,
        testTimeout: 120_000,
        fileParallelism: false,
        sequence: { groupOrder: 1 },
      }),
      project('real-beside', beside, {
        testTimeout: 120_000,
        maxWorkers: 3,
        // by itself, once the others are through
        sequence: { groupOrder: 2 },
      }),
      // Suites that others wrote, over our parts: once the real ones are through, which time things.
      project('interop', ['tests/interop/**/*.test.ts'], {
        testTimeout: 120_000,
        hookTimeout: 60_000,
        maxWorkers: 2,
        sequence: { groupOrder: 3 },
      }),
      // A real browser: two at a time, which wait for each other most of the time.
      project('web', ['tests/web/**/*.test.ts'], {
        exclude: timed,
        testTimeout: 180_000,
        hookTimeout: 60_000,
        maxWorkers: 2,
        sequence: { groupOrder: 4 },
      }),
      // And by itself: what it measures or kills needs the machine.
      project('web-alone', timed, {
        testTimeout: 180_000,
        hookTimeout: 60_000,
        fileParallelism: false,
        sequence: { groupOrder: 5 },
      }),
      project('agents', ['tests/agents/**/*.test.ts'], {
        testTimeout: 600_000,
        fileParallelism: false,
        sequence: { groupOrder: 6 },
      }),
    ],
  },
}))
