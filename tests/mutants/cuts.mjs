/** Where logs are cut, and what others wrote who had seen what lies beyond. */
const room = 'shared/src/conflict'
const by = { tests: ['tests/shared/conflict/cuts.test.ts'], project: 'unit' }

export const mutants = [
  {
    rule: 'CU1',
    file: `${room}/cuts.ts`,
    from: 'cut !== undefined && seq > cut.seq ? cut.reason',
    to: 'cut !== undefined && seq > cut.seq + 1 ? cut.reason',
    ...by,
  },
  {
    rule: 'CU1',
    file: `${room}/cuts.ts`,
    from: 'first === undefined || cut.seq < first.seq ?',
    to: 'first === undefined || cut.seq > first.seq ?',
    ...by,
  },
  {
    rule: 'CU2',
    file: `${room}/transcript-cache.ts`,
    from: 'if (!judgesAlike(then, cuts(logAt(i)), seq)) return undefined',
    to: 'void then',
    ...by,
  },
  {
    rule: 'CU3',
    file: `${room}/register.ts`,
    from: 'more ||= (seen?.length ?? 0) > 0',
    to: '',
    ...by,
  },
  {
    rule: 'CU3',
    file: `${room}/messages.ts`,
    from: 'at = passed.get(at)?.parent',
    to: 'at = undefined',
    ...by,
  },
  {
    rule: 'CU3',
    file: `${room}/branches.ts`,
    from: 'open.push(before)',
    to: '',
    ...by,
  },
  {
    rule: 'CU3',
    file: `${room}/history.ts`,
    from: 'if (counts) offer(',
    to: 'if (counts || true) offer(',
    ...by,
  },
  {
    rule: 'CU4',
    file: `${room}/document-fold.ts`,
    from: 'Math.min(dep.seq, state.cuts(dep.log)?.seq ?? dep.seq)',
    to: 'dep.seq',
    ...by,
  },
  {
    rule: 'CU4',
    file: `${room}/document-cache.ts`,
    from: 'return waits ? undefined : state',
    to: 'return state',
    tests: ['tests/shared/conflict/document-cache.test.ts'],
    project: 'unit',
  },
  {
    rule: 'CU5',
    file: 'client/src/core/repo/folds.ts',
    from: 'cuts.onChange(() => kept.clear())',
    to: '',
    tests: ['tests/client/core/repo/cuts.test.ts'],
    project: 'unit',
  },
  {
    rule: 'CU5',
    file: 'client/src/core/repo/folds.ts',
    from: ' || under !== cuts.now()',
    to: '',
    tests: ['tests/client/core/repo/cuts.test.ts'],
    project: 'unit',
  },
]
