/** The recovery key: on paper, and in a roster. */
const room = 'shared/src/roster'
const words = 'shared/src/keyexchange/recovery-words.ts'
const by = (path) => ({ tests: [`tests/${path}.test.ts`], project: 'unit' })
const roster = by('shared/roster/recovery')
const paper = by('shared/keyexchange/recovery-words')

export const mutants = [
  {
    rule: 'RK1',
    file: words,
    from: "deriveKey(hkdfExtract(label('recovery'), secret), 'recovery', new Uint8Array(0))",
    to: "hkdfExtract(label('recovery'), secret)",
    ...paper,
  },
  {
    rule: 'RK2',
    file: words,
    from: 'if (check === bits.slice(recoverySecretBytes * 8)) return secret',
    to: 'if (check !== undefined) return secret',
    ...paper,
  },
  {
    rule: 'RO16',
    file: `${room}/standing.ts`,
    from: "if (beyond(naming) || !allows(naming, 'admin')) continue",
    to: 'if (beyond(naming)) continue',
    ...roster,
  },
  {
    rule: 'RO16',
    file: `${room}/standing.ts`,
    from: 'keyRank.set(key, above - 1 + keys.size',
    to: 'keyRank.set(key, -1 + keys.size',
    ...roster,
  },
  {
    rule: 'RO16',
    file: `${room}/standing.ts`,
    from: 'if (rank.has(key) || own.has(key) || keys.has(key) || keys.size >= maxRecoveryKeys) continue',
    to: 'if (keys.has(key)) continue',
    ...roster,
  },
  {
    rule: 'RO16',
    file: `${room}/fold.ts`,
    from: 'const areDevices = standing.rank.has(author) && standing.rank.has(add.device)',
    to: 'const areDevices = true',
    ...roster,
  },
  {
    rule: 'RO17',
    file: `${room}/removal.ts`,
    from: 'if (!standing.keys.has(said.author) || beyond(said)) continue',
    to: 'if (beyond(said)) continue',
    ...roster,
  },
  {
    rule: 'RO17',
    file: `${room}/removal.ts`,
    from: 'return by !== undefined && by < standing.seniority(author)',
    to: 'return by !== undefined',
    ...roster,
  },
  {
    rule: 'RO17',
    file: `${room}/removal.ts`,
    from: '        !undone(each) &&\n',
    to: '',
    ...roster,
  },
  {
    rule: 'RO18',
    file: `${room}/removal.ts`,
    from: 'if (!standing.keys.has(said.author) || beyond(said)) continue',
    to: 'if (!standing.keys.has(said.author)) continue',
    ...roster,
  },
  {
    rule: 'RO12',
    file: `${room}/removal.ts`,
    from: 'return { next: leaving.length > 0 ? leaving : words, void: [] }',
    to: 'return { next: words, void: [] }',
    ...roster,
  },
]
