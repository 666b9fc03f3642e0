/** The kits: one that says nothing proves nothing. */
const testing = 'client/src/testing'
const kit = (name) => ({ tests: [`tests/contract/${name}-kit.test.ts`], project: 'contract' })

export const mutants = [
  {
    rule: 'KT2',
    file: `${testing}/check.ts`,
    from: 'a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0',
    to: 'a instanceof Uint8Array) return true',
    ...kit('store'),
  },
  {
    rule: 'KT2',
    file: `${testing}/store/life.ts`,
    from: "if (lasting) equal(await keysOf(await open()), ['a'])",
    to: '',
    ...kit('store'),
  },
  {
    rule: 'KT2',
    file: `${testing}/channel/opened.ts`,
    from: "      ok(holds(), 'what the test waits for comes')\n",
    to: '',
    ...kit('channel'),
  },
  {
    rule: 'KT2',
    file: `${testing}/sync/breaking.ts`,
    from: 'ok(kept.includes(',
    to: 'ok(true || kept.includes(',
    ...kit('sync'),
  },
]
