/** What a paired device may make another one tell, keep or compute. */
const incoming = { tests: ['tests/client/core/exchange/hostile.test.ts'], project: 'unit' }

export const mutants = [
  {
    rule: 'SY8',
    file: 'client/src/core/exchange/view.ts',
    from: 'return log !== undefined && shares(splitLogId(log).session) ? log : undefined',
    to: 'return log',
    ...incoming,
  },
  {
    rule: 'XC11',
    file: 'client/src/core/exchange/incoming.ts',
    from: 'given.has(log) ? fresh : repository.lacking(log)',
    to: 'repository.lacking(log)',
    ...incoming,
  },
]
