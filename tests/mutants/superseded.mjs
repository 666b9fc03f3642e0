/** Logs that their device said again elsewhere, and what of them may go. */
const room = 'shared/src/conflict'
const cases = { tests: ['tests/shared/conflict/superseded-cases.test.ts'], project: 'unit' }
const part = { tests: ['tests/shared/conflict/superseded-part.test.ts'], project: 'unit' }
const held = { tests: ['tests/shared/conflict/superseded-held.test.ts'], project: 'unit' }
const again = { tests: ['tests/shared/conflict/register-again.test.ts'], project: 'unit' }
const whole = {
  tests: ['tests/shared/conflict/superseded.test.ts', ...cases.tests],
  project: 'unit',
}

export const mutants = [
  {
    rule: 'SU1',
    file: `${room}/document-fold.ts`,
    from: 'if (!stays && isSuperseded(state.superseded, { log, seq })) {',
    to: 'if (isSuperseded(state.superseded, { log, seq }) && seq > 4) {',
    ...whole,
  },
  {
    rule: 'SU1',
    file: `${room}/document-anew.ts`,
    from: 'if (!state.learnt) return',
    to: 'return',
    ...whole,
  },
  {
    rule: 'SU2',
    file: `${room}/restating.ts`,
    from: 'if (entry.again && !isGone(state, log, entry.again)) return false',
    to: '',
    ...whole,
  },
  {
    rule: 'SU2',
    file: `${room}/restating.ts`,
    from: '(entry.again?.length ?? 0) >= maxOrigins',
    to: 'entry.kind < 0',
    ...cases,
  },
  {
    rule: 'SU3',
    file: `${room}/restating.ts`,
    from: 'i === 0 ? [...saw.values()] : said.entry.deps',
    to: 'i < 0 ? [...saw.values()] : said.entry.deps',
    ...cases,
  },
  {
    rule: 'SU3',
    file: `${room}/register.ts`,
    from: '!write.stood?.some((at) => at.seq <= (covered.get(at.log) ?? 0))',
    to: '!write.stood?.some((at) => at.seq < 0)',
    ...cases,
  },
  {
    rule: 'SU3',
    file: `${room}/restating.ts`,
    from: 'if (stands.some(({ log, seq }) => log === place.log && seq <= place.seq)) continue',
    to: 'if (stands.includes(place)) continue',
    tests: ['tests/shared/conflict/restating.test.ts'],
    project: 'unit',
  },
  {
    rule: 'SU4',
    file: `${room}/document-fold.ts`,
    from: 'if (isSuperseded(state.superseded, { log: dep.log, seq: needed })) continue',
    to: '',
    ...whole,
  },
  {
    rule: 'SU5',
    file: `${room}/superseded.ts`,
    from: 'splitLogId(place.log).device === device &&',
    to: '',
    ...cases,
  },
  {
    rule: 'SU6',
    file: `${room}/document-fold.ts`,
    from: 'if (isReplacing(kind)) pass(state, device, log, entry, hash)',
    to: '',
    ...part,
  },
  {
    rule: 'SU6',
    file: `${room}/register.ts`,
    from: 'seeAll(register, again)',
    to: '',
    ...part,
  },
  {
    rule: 'SU6',
    file: `${room}/document-fold.ts`,
    from: 'if (state.learnt) {',
    to: 'if (state.learnt && seq < 0) {',
    ...part,
  },
  {
    rule: 'SU6',
    file: `${room}/document-fold.ts`,
    from: 'if (redacted && read?.again) takeBackWhereItStood',
    to: 'if (redacted && read?.kind === -9 && read.again) takeBackWhereItStood',
    ...part,
  },
  {
    rule: 'RD2',
    file: `${room}/redacted.ts`,
    from: 'const beyond = redactions.get(depKey(place))',
    to: 'const beyond = redactions.get(placeKey(place))',
    ...held,
  },
  {
    rule: 'RD2',
    file: `${room}/redacted.ts`,
    from: 'entry.deps.map((at) => takeBack',
    to: '[place].map((at) => takeBack',
    ...held,
  },
  {
    rule: 'RD2',
    file: `${room}/document-fold.ts`,
    from: 'entryInPlace(redacted, seq, read?.again)',
    to: 'entryInPlace(redacted, seq)',
    ...held,
  },
  {
    rule: 'RD2',
    file: `${room}/redacted.ts`,
    from: 'const [place, first = place] = entry.deps',
    to: 'const [place] = entry.deps; const first = place',
    ...held,
  },
  {
    rule: 'RD2',
    file: `${room}/redacted.ts`,
    from: 'unheld ? besideOf(state) : state',
    to: 'state',
    ...held,
  },
  {
    rule: 'RD2',
    file: `${room}/redacted.ts`,
    from: 'if (own || !entry?.again) return own',
    to: 'if (own || entry) return own',
    ...held,
  },
  {
    rule: 'DX1',
    file: `${room}/document-cache-body.ts`,
    from: 'said(form, again[i] ?? [[], []])',
    to: 'said(form, again[-1] ?? [[], []])',
    tests: ['tests/shared/conflict/document-cache.test.ts'],
    project: 'unit',
  },
  {
    rule: 'SU3',
    file: `${room}/register.ts`,
    from: 'if (!open.includes(gone)) seeAll(register, placesIn(gone))',
    to: 'if (!open.includes(gone)) seeAll(register)',
    ...again,
  },
  {
    rule: 'SU3',
    file: `${room}/register.ts`,
    from: '[...others, same.reduce(joined, write)]',
    to: '[...others, same[0] ?? write]',
    ...again,
  },
]
