/** Folded documents, kept and read back. */
const cache = 'shared/src/conflict/document-cache.ts'
const body = 'shared/src/conflict/document-cache-body.ts'
const rows = 'client/src/core/documents/document-cache.ts'
const shared = 'tests/shared/conflict/document-cache.test.ts'
const core = 'tests/client/core/documents/document-cache.test.ts'

export const mutants = [
  {
    rule: 'DX1',
    file: body,
    from: 'for (const [at, seq, body, hash, missing] of waiting) {',
    to: 'for (const [at, seq, body, hash, missing] of waiting.slice(0, 0)) {',
    tests: [shared],
    project: 'unit',
  },
  {
    rule: 'DX1',
    file: body,
    from: 'for (const at of covered) out',
    to: 'for (const at of covered.slice(0, 0)) out',
    tests: [shared],
    project: 'unit',
  },
  {
    rule: 'DX2',
    file: 'shared/src/conflict/message-columns.ts',
    from: 'parent: parent ?? node.parent,',
    to: 'parent: node.parent,',
    tests: [shared],
    project: 'unit',
  },
  {
    rule: 'DX3',
    file: cache,
    from: 'if (!equalBytes(sums, concat(...chunks',
    to: 'if (false && !equalBytes(sums, concat(...chunks',
    tests: [shared],
    project: 'unit',
  },
  {
    rule: 'DX3',
    file: cache,
    from: 'return equalBytes(sum, bytes.subarray(0, checksumBytes)) ? decode(body, limits) : undefined',
    to: 'return sum ? decode(body, limits) : undefined',
    tests: [shared],
    project: 'unit',
  },
  {
    rule: 'DX3',
    file: cache,
    from: 'return judgesAlike(cut, cuts(logs.at(at).log), seq)',
    to: 'return cut === undefined || judgesAlike(cut, cuts(logs.at(at).log), seq)',
    tests: [shared],
    project: 'unit',
  },
  {
    rule: 'DX3',
    file: rows,
    from: 'if (!state || !isHeld(state)) return undefined',
    to: 'if (!state) return undefined',
    tests: [core],
    project: 'unit',
  },
  {
    rule: 'DX4',
    file: rows,
    from: 'if (known?.seq !== seq || !equalBytes(known.hash, hash)) return undefined',
    to: 'if (known === undefined || hash.length === 0) return undefined',
    tests: [core],
    project: 'unit',
  },
  {
    rule: 'DX5',
    file: rows,
    from: 'fresh >= Math.max(leastEntries, total / 4)',
    to: 'fresh > 0',
    tests: [core],
    project: 'unit',
  },
]
