/** Small runs that go as one. */
const by = { tests: ['tests/client/core/exchange/joining.test.ts'], project: 'unit' }

export const mutants = [
  {
    rule: 'XC13',
    file: 'client/src/core/exchange/joining.ts',
    from: 'if (small.length === atOnce) yield* flush()',
    to: 'yield* flush()',
    ...by,
  },
  {
    rule: 'XC13',
    file: 'client/src/core/exchange/joining.ts',
    from: '      yield* flush()\n      yield run\n',
    to: '      yield run\n',
    ...by,
  },
  {
    rule: 'XC13',
    file: 'client/src/core/exchange/outgoing.ts',
    from: 'return [...segments(found, segmentBytes, segmentEntries)]',
    to: 'return found',
    ...by,
  },
]
