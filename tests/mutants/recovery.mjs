/** The recovery key: on paper, and in a roster. */
const room = 'shared/src/roster'
const words = 'shared/src/keyexchange/recovery-words.ts'
const by = (path) => ({ tests: [`tests/${path}.test.ts`], project: 'unit' })
const roster = by('shared/roster/recovery')
const ending = by('shared/roster/recovery-end')
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
    from: "if (beyond(naming) || !allows(naming, 'admin') || !isSound(key)) continue",
    to: 'if (beyond(naming) || !isSound(key)) continue',
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
    ...ending,
  },
  {
    rule: 'RO12',
    file: `${room}/removal.ts`,
    from: 'return { next: leaving.length > 0 ? leaving : words, void: [] }',
    to: 'return { next: words, void: [] }',
    ...ending,
  },
  {
    rule: 'RS15',
    file: 'client/src/core/devices.ts',
    from: 'if (device !== self) endKeys(to, device)',
    to: '',
    ...by('client/core/recovery'),
  },
  {
    rule: 'RS15',
    file: 'client/src/core/authority.ts',
    from: 'return !ended && (row === undefined || row.rank <= own.rank)',
    to: 'return !ended',
    ...by('client/core/recovery'),
  },
  {
    rule: 'RS12',
    file: 'client/src/core/recovery.ts',
    from: '      confirm(rehearse(key, say), key, self, using)\n',
    to: '',
    ...by('client/core/recovery'),
  },
  {
    rule: 'RS12',
    file: 'client/src/core/recovery.ts',
    from: 'each.device === key || saws(each)',
    to: 'saws(each)',
    ...by('client/core/recovery'),
  },
  {
    rule: 'RS12',
    file: 'client/src/core/recovery.ts',
    from: 'appendRemoval(noting, key, [...heldOf(repository, key), ...now])',
    to: 'appendRemoval(noting, key, heldOf(repository, key))',
    ...by('client/core/recovery'),
  },
  {
    rule: 'RS13',
    file: 'client/src/core/membership.ts',
    from: 'if (roster.recoveryAuthors.size > 0) return',
    to: '',
    tests: ['tests/mesh/recovery.test.ts'],
    project: 'mesh',
  },
  {
    rule: 'RS13',
    file: 'client/src/core/devices.ts',
    from: 'roster.removed.has(device) && !(roster.removed.has(self) && roster.recoveryAuthors.size > 0)',
    to: 'roster.removed.has(device)',
    tests: ['tests/mesh/recovery.test.ts'],
    project: 'mesh',
  },
  {
    rule: 'CL17',
    file: 'client/src/node/cli/recovery.ts',
    from: 'if (!reveal && !terminal.asks) {',
    to: 'if (false) {',
    ...by('client/node/cli/recovery'),
  },
  {
    rule: 'CL18',
    file: 'client/src/node/cli/recovery-words.ts',
    from: "if (what !== undefined && what !== '-') {",
    to: 'if (false) {',
    ...by('client/node/cli/recovery'),
  },
  {
    rule: 'CL18',
    file: 'client/src/node/cli/recovery.ts',
    from: "if (!terminal.asks) throw usage('removing a device is for good', 'say so with --yes')",
    to: '',
    ...by('client/node/cli/recovery'),
  },
]
