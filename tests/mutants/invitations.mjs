/** Invitations: what is read, what is refused, what is used once, and what a guest is kept from. */
const protocol = 'shared/src/protocol'
const room = 'client/src/core/handoff'
const shared = (rule, file, from, to, ...tests) => ({
  ...{ rule, file: `${protocol}/${file}.ts`, from, to, project: 'unit' },
  tests: tests.map((name) => `tests/shared/protocol/${name}.test.ts`),
})
const core = (rule, file, from, to, ...tests) => ({
  ...{ rule, file: `${room}/${file}.ts`, from, to, project: 'unit' },
  tests: tests.map((name) => `tests/client/core/handoff/${name}.test.ts`),
})
const mesh = (rule, file, from, to) => ({
  ...{ rule, file: `client/src/core/${file}.ts`, from, to, project: 'mesh' },
  tests: ['tests/mesh/guests.test.ts'],
})

const may = (rule, file, from, to) => ({
  ...{ rule, file: `client/src/core/${file}.ts`, from, to, project: 'unit' },
  tests: ['tests/client/core/who-may.test.ts'],
})

export const mutants = [
  shared('IV2', 'invitation', 'check.now >= parsed', 'check.now > parsed', 'invitation'),
  shared('IV2', 'invitation', 'check.now < parsed', 'check.now + 1000 < parsed', 'invitation'),
  shared('IV2', 'invitation', "return 'audience'", 'return parsed', 'invitation'),
  shared('IV2', 'invitation', "return 'kind'", 'return parsed', 'invitation'),
  shared('IV3', 'invitation', 'plain && JSON.stringify(value) === json ?', 'plain ?', 'invitation'),
  shared(
    'IV3',
    'invitation',
    "Reflect.ownKeys(more).length > 0 ? 'header' : undefined",
    'undefined',
    'invitation',
  ),
  shared('IV3', 'invitation', '|| exp - iat > lifeSeconds', '', 'invitation'),
  shared(
    'IV5',
    'invitation-link',
    "lvCat(label('invitation'), idBytes(issuer), idBytes(audience))",
    "lvCat(label('invitation'))",
    'invitation-link',
  ),
  core(
    'IV7',
    'inviting',
    "if (known.state !== 'open') return known.state",
    '',
    'refusing',
    'inviting',
  ),
  core(
    'IV7',
    'inviting',
    'await requests.add(request, [invitations.use(issued)])',
    'invitations.use(issued)\n    await requests.add(request)',
    'refusing',
  ),
  core('IV7', 'inviting', 'await check(found.session, peer, found.kind)', '', 'inviting'),
  core('IV8', 'inviting', ', audience: peer, session', ', audience: self, session', 'refusing'),
  core('IV8', 'telling', "if (found.refusal === 'used')", 'if (false)', 'refusing'),
  core('IV10', 'visiting', 'if (asking.has(device)) throw notInvited()', '', 'refusing'),
  may('IV11', 'who-may', 'if (isOutside(device, session)) return false', ''),
  may('IV11', 'who-may', '!isOutside(device, session) &&', ''),
  may('IV11', 'who-may', 'isNamed(session, author) ||', ''),
  mesh('IV11', 'handoff/answering', "return ports.isGuest(peer) ? 'ask' : policy", 'return policy'),
  {
    ...mesh('IV12', '', '', ''),
    file: `${protocol}/pairing-identity.ts`,
    from: "if (joiner.guest && !inviter.guest) return 'guest'",
    to: '',
  },
]
