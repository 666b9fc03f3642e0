/** Logs of a document, made smaller. */
const room = 'client/src/core/checkpoints'
const by = {
  tests: [
    'tests/client/core/checkpoints/checkpoints.test.ts',
    'tests/client/core/checkpoints/crashes.test.ts',
  ],
  project: 'unit',
}

export const mutants = [
  {
    rule: 'CX2',
    file: `${room}/author.ts`,
    from: '[kinds.record, kinds.file,',
    to: '[kinds.file,',
    ...by,
  },
  {
    rule: 'CX4',
    file: `${room}/author.ts`,
    from: 'if (!(await hasAll(device, place))) return',
    to: '',
    ...by,
  },
  {
    rule: 'CX5',
    file: `${room}/dropping.ts`,
    from: 'if (!same || !(await verifyHead(verify, head))) return true',
    to: 'if (!same) return true',
    ...by,
  },
  {
    rule: 'CX5',
    file: `${room}/dropping.ts`,
    from: 'return plan.entries.every((each) => isSame(each, told.get(depKey(each.place))))',
    to: 'return true',
    ...by,
  },
  {
    rule: 'CX6',
    file: 'client/src/core/repo/dropped.ts',
    from: 'await sweep(log).catch(() => undefined)\n',
    to: '',
    ...by,
  },
  {
    rule: 'CX7',
    file: 'client/src/core/repo/folds.ts',
    from: 'fold.skip(state, log, gone)',
    to: '',
    ...by,
  },
]
