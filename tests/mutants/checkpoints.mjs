/** Logs of a document, made smaller. */
const room = 'client/src/core/checkpoints'
const by = {
  tests: [
    'tests/client/core/checkpoints/checkpoints.test.ts',
    'tests/client/core/checkpoints/crashes.test.ts',
  ],
  project: 'unit',
}
const copies = { tests: ['tests/client/core/checkpoints/copies.test.ts'], project: 'unit' }
const streams = { tests: ['tests/client/core/checkpoints/streams.test.ts'], project: 'unit' }

export const mutants = [
  {
    rule: 'CX2',
    file: `${room}/author.ts`,
    from: 'new Set([kinds.record, kinds.file,',
    to: 'new Set([kinds.file,',
    ...by,
  },
  {
    rule: 'CX4',
    file: `${room}/finishing.ts`,
    from: 'if (!isLate && !isAway) return undefined',
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
    from: 'const isKept = !untold || (untold.length > 0 &&',
    to: 'const isKept = !untold || (untold.length > 99 &&',
    ...by,
  },
  {
    rule: 'CX9',
    file: `${room}/dropping.ts`,
    from: "if (fates.includes('wait')) return false",
    to: '',
    ...copies,
  },
  {
    rule: 'CX9',
    file: `${room}/dropping.ts`,
    from: "await repository.forks.take(seen)\n      return 'stays'",
    to: "return 'stays'",
    ...copies,
  },
  {
    rule: 'CX9',
    file: 'client/src/core/repo/dropped.ts',
    from: "const follows = given ? await followsTrail(held, given) : 'unknown'",
    to: "const follows = 'unknown'",
    ...copies,
  },
  {
    rule: 'CX10',
    file: `${room}/dropping.ts`,
    from: 'if (!isKept && untold.length > 0) await sayAgain(session, untold)',
    to: '',
    ...copies,
  },
  {
    rule: 'CX11',
    file: `${room}/finishing.ts`,
    from: 'clock.now() - pending.since >= laggardMs',
    to: 'false',
    ...by,
  },
  {
    rule: 'CX11',
    file: `${room}/finishing.ts`,
    from: 'before?.devices.has(device) && !(await hasUpTo(device, before.place))',
    to: 'before?.devices.has(device)',
    ...by,
  },
  {
    rule: 'CX12',
    file: 'client/src/core/repo/loose.ts',
    from: 'if (loose.has(name)) named.add(name)',
    to: '',
    ...by,
  },
  {
    rule: 'CX12',
    file: 'client/src/core/repo/loose.ts',
    from: 'if (!named.has(name)) {',
    to: 'if (name.length === 0) {',
    ...by,
  },
  {
    rule: 'LG15',
    file: 'shared/src/log/trail.ts',
    from: 'head.seq - from.seq === hashesIn(path) && equalBytes(',
    to: 'head.seq - from.seq === hashesIn(path) || equalBytes(',
    tests: ['tests/shared/log/trail.test.ts'],
    project: 'unit',
  },
  {
    rule: 'CX13',
    file: 'shared/src/conflict/restating.ts',
    from: 'if (author === device && !end) return false',
    to: '',
    ...streams,
  },
  {
    rule: 'CX13',
    file: 'shared/src/conflict/restating.ts',
    from: 'entry && isSaid(state, place, entry) && !isOf(back, place, entry) ?',
    to: 'entry && isSaid(state, place, entry) ?',
    ...streams,
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
