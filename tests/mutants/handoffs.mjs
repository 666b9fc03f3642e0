/** Handing sessions over. */
const room = 'client/src/core/handoff'
const unit = (rule, file, from, to, ...tests) => ({
  ...{ rule, file, from, to, project: 'unit' },
  tests: tests.map((name) => `tests/client/core/handoff/${name}.test.ts`),
})

export const mutants = [
  {
    ...{ rule: 'HF14', file: `${room}/resuming.ts`, project: 'mesh' },
    from: "if (ports.isGuest(peer) || policies.of(peer) !== 'always') return 'not-allowed'",
    to: '',
    tests: ['tests/mesh/resuming.test.ts'],
  },
  {
    ...{ rule: 'IV13', file: 'client/src/core/guests.ts', project: 'mesh' },
    from: 'links.forget(device, endedReason)',
    to: '',
    tests: ['tests/mesh/visits.test.ts'],
  },
  {
    ...unit(
      'CX14',
      `${room}/leases.ts`,
      'const write = more ? repository.write : repository.aside',
      'const write = repository.write',
    ),
    tests: ['tests/client/core/checkpoints/leases.test.ts'],
  },
  unit(
    'LE14',
    `${room}/leases.ts`,
    'const own = [...held].filter(([log]) => splitLogId(log).device === device)',
    'const own = [...held]',
    'naming',
  ),
  unit(
    'RE7',
    'shared/src/conflict/spoken.ts',
    'return first === undefined ? here : depOfKey(first)',
    'return here',
    'receipts',
  ),
  unit('RE7', `${room}/owing.ts`, 'await keep(id, signed)', '', 'receipts'),
  unit(
    'HF3',
    `${room}/answering.ts`,
    "if (verdict !== 'ask' && verdict !== 'always') return refused(verdict as HandoffReason)\n    const lacks",
    'const lacks',
    'handing',
  ),
  unit(
    'HF3',
    `${room}/answering.ts`,
    "if (lacks) return refused('insufficient-capabilities')",
    '',
    'handing',
  ),
  unit(
    'HF5',
    `${room}/driving.ts`,
    'const resume = documents.holder.pause(session)',
    'const resume = () => undefined',
    'pausing',
  ),
  unit(
    'HF5',
    `${room}/arriving.ts`,
    'if (!isDurable(repository, vector)) return undefined',
    '',
    'hostile',
  ),
  unit(
    'HF7',
    `${room}/answering.ts`,
    "agreed ? { ...request, state: 'accepted' } : request",
    'request',
    'crashes',
  ),
  unit(
    'HF8',
    `${room}/arriving.ts`,
    "!['declined', 'cancelled'].includes(request.state)",
    'true',
    'hostile',
  ),
  unit(
    'HF10',
    `${room}/answering.ts`,
    '(known.from === peer || known.to === peer) ? known',
    'known ? known',
    'hostile',
  ),
  unit('HF10', `${room}/answering.ts`, '!known || known.askedBy !== self', '!known', 'hostile'),
  unit(
    'RE6',
    `${room}/signing.ts`,
    'if (!same || messages !== statement.records) {',
    'if (false) {',
    'hostile',
  ),
  unit(
    'HF12',
    `${room}/checks.ts`,
    "checkCounts(ports, state, kind === 'transfer' ? 'hand over' : 'share')",
    '',
    'handing-on',
  ),
  unit(
    'HF12',
    `${room}/checks.ts`,
    "if (there?.reason === 'observer' && !force) {",
    'if (there && force) {',
    'handing-on',
  ),
  {
    ...{ rule: 'HW1', file: `${room}/leaving.ts`, project: 'mesh' },
    from: 'if (!(await moving.live(session))) return\n',
    to: 'if (await moving.live(session)) return\n',
    tests: ['tests/mesh/watched.test.ts'],
  },
  {
    ...{ rule: 'HW3', file: 'client/src/core/sessions/importer.ts', project: 'mesh' },
    from: 'return now.held && holds ? epochOf(now.held.holding) : 0',
    to: 'return 0',
    tests: ['tests/mesh/watched.test.ts'],
  },
  {
    ...{ rule: 'HW5', file: `${room}/leases.ts`, project: 'mesh' },
    from: 'more?.(to, epoch)\n',
    to: '',
    tests: ['tests/mesh/watched.test.ts'],
  },
]
