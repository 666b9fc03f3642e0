/** Who holds a session. */
const fold = 'shared/src/conflict/leases.ts'
const document = 'shared/src/conflict/document-holding.ts'
const folding = 'shared/src/conflict/document-fold.ts'
const members = 'shared/src/conflict/document-members.ts'
const tests = ['tests/shared/conflict/leases.test.ts', 'tests/shared/conflict/lease-sets.test.ts']
const of = (rule, file, from, to) => ({ rule, file, from, to, tests, project: 'unit' })
const attack = (...given) => ({
  ...of(...given),
  tests: ['tests/shared/conflict/lease-attacks.test.ts'],
})

export const mutants = [
  of('LE3', document, 'if (!judgesSame(state, from - 1, last)) state.stale = true', ''),
  of('LE3', fold, 'return learnt(facts, lease.epoch)', 'return learnt(facts, lease.epoch + 1)'),
  of(
    'LE4',
    document,
    'if (!isWriterKind(kind) && kind !== inPlace) return undefined',
    'return undefined',
  ),
  of(
    'LE5',
    fold,
    "if (next.how === 'transfer' && !acceptOf(facts, next)) return { tenures, passing: next }",
    '',
  ),
  of('LE5', fold, '(log === lease.log && seq < lease.seq) ||', 'log === lease.log ||'),
  of('LE6', fold, 'return isAway && isReady &&', 'return isAway &&'),
  attack('LE6', fold, '&& lease.holder !== holder', ''),
  attack('LE3', fold, 'sort((a, b) => a.seq - b.seq)', 'sort((a, b) => b.seq - a.seq)'),
  attack('LE3', members, 'return compareBytes(encode', 'return false && compareBytes(encode'),
  attack('LE12', folding, 'if (!stays && isSuperseded', 'if (isSuperseded'),
  attack('LE12', folding, 'seq > 1 && !stays &&', 'seq > 1 &&'),
  attack(
    'LE13',
    document,
    'if (!judgesSame(state, from - 1, last))',
    'if (!judgesSame(state, 0, Infinity))',
  ),
  of('LE7', fold, '?.has(lease.holder)', '!== undefined'),
  of('LE8', fold, 'seq <= (lease.vector.get(log) ?? 0)', 'true'),
  of('LE9', fold, 'return knew && !takeovers', 'return knew !== undefined || !takeovers'),
  of(
    'LE9',
    fold,
    'for (const group of [accepted, takeovers, open])',
    'for (const group of [takeovers, accepted, open])',
  ),
  of('LE9', fold, 'splitLogId(log).device === device && seq', 'seq'),
  of('LE11', fold, 'Math.min(from, known.length)', 'known.length'),
  {
    ...of(
      'LE10',
      'client/src/core/documents/holding.ts',
      'if (holderOf(seen.holding) === device) return',
      'return',
    ),
    tests: ['tests/client/core/documents/holding.test.ts'],
  },
  {
    ...of(
      'LE10',
      'client/src/core/documents/holding.ts',
      'refused = pauses.get(session) !== before',
      '',
    ),
    tests: ['tests/client/core/documents/holding.test.ts'],
  },
]
