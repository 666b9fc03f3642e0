/** Messages taken back. */
const unit = (test) => ({ tests: [test], project: 'unit' })
const folded = unit('tests/shared/conflict/redacted.test.ts')
const stored = unit('tests/client/core/documents/redaction.test.ts')

export const mutants = [
  {
    rule: 'LG15',
    file: 'shared/src/log/chain.ts',
    from: 'if (isWithheld(body)) return withheldHash(body)',
    to: 'if (body.length === 0) return withheldHash(body)',
    ...unit('tests/shared/log/delta.test.ts'),
  },
  {
    rule: 'RD1',
    file: 'shared/src/model/redaction.ts',
    from: 'if (own.session !== of.session || own.device !== of.device) return undefined',
    to: 'if (own.session !== of.session) return undefined',
    ...folded,
  },
  {
    rule: 'RD2',
    file: 'shared/src/conflict/document.ts',
    from: 'const entry = redacted && seq > 1 ? entryInPlace(redacted, seq) : read',
    to: 'const entry = redacted && !read ? entryInPlace(redacted, seq) : read',
    ...folded,
  },
  {
    rule: 'RD4',
    file: 'shared/src/conflict/document.ts',
    from: 'if (withheld && !redacted) state.withheld',
    to: 'if (withheld) state.withheld',
    ...folded,
  },
  {
    rule: 'RD5',
    file: 'client/src/core/repo/redacting.ts',
    from: 'else if (isMessage(body, seq)) rows.push',
    to: 'else if (body.length === 0) rows.push',
    ...stored,
  },
  {
    rule: 'RD5',
    file: 'client/src/core/repo/redacting.ts',
    from: 'if (blob && !(await isNamedElsewhere(blob, key))) {',
    to: 'if (blob) {',
    ...stored,
  },
  {
    rule: 'RD5',
    file: 'client/src/core/repo/redacting.ts',
    from: 'for (const [log, seqs] of due) for (const seq of seqs) later({ log, seq })',
    to: 'void later',
    ...stored,
  },
  {
    rule: 'RD6',
    file: 'client/src/core/repo/redacting.ts',
    from: 'if (isWithheld(body)) ports.completed(withheldHash(body))',
    to: 'if (isWithheld(body)) ports.completed(body)',
    ...stored,
  },
  {
    rule: 'RD7',
    file: 'client/src/core/repo/receiving.ts',
    from: 'if (!ports.isTaken(delta.log, seq)) missing.push(hash)',
    to: 'if (ports.isTaken(delta.log, seq)) missing.push(hash)',
    ...stored,
  },
]
