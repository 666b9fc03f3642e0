/** Messages taken back. */
const unit = (...tests) => ({ tests, project: 'unit' })
const folded = unit('tests/shared/conflict/redacted.test.ts')

export const mutants = [
  {
    rule: 'RD1',
    file: 'shared/src/model/redaction.ts',
    from: 'if (own.session !== of.session || own.device !== of.device) return undefined',
    to: 'if (own.session !== of.session) return undefined',
    ...folded,
  },
  {
    rule: 'RD2',
    file: 'shared/src/conflict/document-fold.ts',
    from: 'const entry = isTaken ? entryInPlace(redacted, seq, read?.again) : read',
    to: 'const entry = read',
    ...folded,
  },
  {
    rule: 'RD2',
    file: 'shared/src/conflict/redacted.ts',
    from: 'if (order >= 0) return order === 0',
    to: 'if (known) return order === 0',
    ...folded,
  },
  {
    rule: 'RD3',
    file: 'client/src/core/documents/documents.ts',
    from: 'const fresh = all.filter(({ deps: [place] }) => !seen.redactions.has(placeKey(place)))',
    to: 'const fresh = node.redacted ? [] : all',
    ...unit('tests/client/core/documents/retract.test.ts'),
  },
]
