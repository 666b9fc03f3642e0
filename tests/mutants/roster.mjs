/** Who belongs, in which role, and who was removed. */
const room = 'shared/src/roster'
const by = (name) => ({ tests: [`tests/shared/roster/${name}.test.ts`], project: 'unit' })

export const mutants = [
  {
    rule: 'RO9',
    file: `${room}/authority.ts`,
    from: 'if (splitLogId(log).device !== device) {',
    to: 'if (false) {',
    ...by('roles'),
  },
  {
    rule: 'RO10',
    file: `${room}/removal.ts`,
    from: ": standing.allows(each, 'admin')",
    to: ": standing.allows(each, 'member')",
    ...by('roles'),
  },
  {
    rule: 'RO10',
    file: `${room}/standing.ts`,
    from: "if (!beyond(each) && allows(each, 'member'))",
    to: 'if (!beyond(each))',
    ...by('roles'),
  },
  {
    rule: 'RO10',
    file: `${room}/standing.ts`,
    from: 'return from.entry.seq <= seen && place.highest >= weight(role)',
    to: 'return false',
    ...by('roles'),
  },
  {
    rule: 'RO11',
    file: `${room}/standing.ts`,
    from: 'each.author === device ? weight(each.role) < highest :',
    to: 'each.author === device ||',
    ...by('roles'),
  },
  {
    rule: 'RO11',
    file: `${room}/standing.ts`,
    from: 'least && weight(least.role) <= weight(each.role) ? least : each',
    to: 'least && weight(least.role) >= weight(each.role) ? least : each',
    ...by('roles'),
  },
  {
    rule: 'RO12',
    file: `${room}/removal.ts`,
    from: 'most.set(log, Math.max(most.get(log) ?? 0, seq))',
    to: 'most.set(log, Math.min(most.get(log) ?? seq, seq))',
    ...by('removal'),
  },
  {
    rule: 'RO12',
    file: `${room}/removal.ts`,
    from: 'const by = others.length > 0 ? others : all',
    to: 'const by = all',
    ...by('removal'),
  },
  {
    rule: 'RO13',
    file: `${room}/fold.ts`,
    from: 'if (!first || !cut) living.set(device, row)',
    to: 'if (!first || !cut || row.addedAt > 0) living.set(device, row)',
    ...by('removal'),
  },
  {
    rule: 'RO14',
    file: `${room}/removal.ts`,
    from: 'rank(a) - rank(b)',
    to: 'rank(b) - rank(a)',
    ...by('removal'),
  },
  {
    rule: 'RO14',
    file: `${room}/removal.ts`,
    from: 'if (sawn.length > 0) return { next: [], void: sawn }',
    to: '',
    ...by('removal'),
  },
  {
    rule: 'RO14',
    file: `${room}/removal.ts`,
    from: '...shakenBy(each.author)',
    to: '',
    ...by('removal'),
  },
  {
    rule: 'RO15',
    file: `${room}/standing.ts`,
    from: ' || rank.size >= maxRosterDevices',
    to: '',
    ...by('removal'),
  },
]
