/** Sessions that Baton drives: the pen, what is watched, and agents that speak ACP. */
const unit = (...tests) => ({ tests, project: 'unit' })
const pen = unit('tests/client/core/driven/drive.test.ts')
const desk = unit('tests/client/core/driven/desk.test.ts')
const live = unit('tests/client/core/driven/live.test.ts')
const client = unit('tests/client/core/acp/client.test.ts')
const ends = unit('tests/client/core/acp/ends.test.ts')
const asks = unit('tests/client/core/acp/asks.test.ts')
const host = unit('tests/client/core/acp/host.test.ts')
const screen = unit('tests/client/node/cli/live-screen.test.ts')
const socket = unit('tests/client/node/control/driven.test.ts')
const drive = 'client/src/core/driven/drive.ts'
const acp = 'client/src/core/acp'

export const mutants = [
  {
    rule: 'TC3',
    file: 'shared/src/conflict/tool-calls.ts',
    from: '!write.again && !followed.has(write.log)',
    to: '!write.again',
    ...unit('tests/shared/conflict/tool-calls.test.ts'),
  },
  {
    rule: 'NS3',
    file: 'client/src/core/driven/desk.ts',
    from: "if (role !== 'user') {",
    to: "if (role === 'system') {",
    ...desk,
  },
  {
    rule: 'NS6',
    file: 'client/src/core/documents/calls.ts',
    from: '.filter(([id]) => !consumed.has(id))',
    to: '',
    ...desk,
  },
  {
    rule: 'WA1',
    file: 'client/src/core/driven/live.ts',
    from: 'if (known !== undefined || !first) events',
    to: 'events',
    ...live,
  },
  {
    rule: 'WA2',
    file: 'client/src/core/driven/live.ts',
    from: "found.length < count || messages.has(found[0]?.id ?? '')",
    to: 'found.length > 0',
    ...live,
  },
  {
    rule: 'WA5',
    file: 'client/src/node/cli/live-screen.ts',
    from: 'wrap(line + safeWords(part), room)',
    to: 'wrap(line + part, room)',
    ...screen,
  },
  {
    rule: 'AC1',
    file: drive,
    from: "inTurn('steps', async () => {\n        for",
    to: '(async (run) => run())(async () => {\n        for',
    ...pen,
  },
  {
    rule: 'AC2',
    file: drive,
    from: "setTool(call, 'unknown', detailOf(facts))",
    to: '[]',
    ...unit('tests/client/core/driven/calls.test.ts'),
  },
  {
    rule: 'AC3',
    file: drive,
    from: 'if (!waiting.some(({ id }) => id === consumes)) {',
    to: 'if (waiting === undefined) {',
    ...pen,
  },
  {
    rule: 'AC4',
    file: drive,
    from: 'await Promise.allSettled([...streams.values()].map((writer) => writer.abort()))',
    to: '',
    ...pen,
  },
  {
    rule: 'AC4',
    file: 'client/src/node/control/driven.ts',
    from: 'cancel: () => void layDown()',
    to: 'cancel: () => undefined',
    ...socket,
  },
  {
    rule: 'AC6',
    file: `${acp}/client.ts`,
    from: "out.send({ id, error: { code: -32601, message: 'method not found' } })",
    to: 'out.send({ id, result: {} })',
    ...client,
  },
  {
    rule: 'AC7',
    file: `${acp}/asks.ts`,
    from: 'if (option === undefined || !of.offered.has(option)) {',
    to: 'if (option === undefined) {',
    ...asks,
  },
  {
    rule: 'AC7',
    file: `${acp}/asks.ts`,
    from: 'if (tell) out.decline(id)',
    to: '',
    ...asks,
  },
  {
    rule: 'AC8',
    file: `${acp}/calls.ts`,
    from: 'const idle = refused ||',
    to: 'const idle =',
    ...asks,
  },
  {
    rule: 'AC9',
    file: `${acp}/host.ts`,
    from: "      case 'send':\n        await notebook.flush()",
    to: "      case 'send':",
    ...host,
  },
  {
    rule: 'AC9',
    file: `${acp}/notebook.ts`,
    from: 'if (chars >= windowChars) await running',
    to: '',
    ...host,
  },
  {
    rule: 'AC10',
    file: `${acp}/host.ts`,
    from: 'context = undefined\n      void feed',
    to: 'void feed',
    ...host,
  },
  {
    rule: 'AC10',
    file: `${acp}/client.ts`,
    from: "phase = 'replay'\n    out.timer(acpReplayMs)",
    to: 'ready(true)',
    ...client,
  },
  {
    rule: 'AC11',
    file: `${acp}/client.ts`,
    from: 'if (!cancelling) out.timer(acpSilenceMs)',
    to: 'out.timer(acpSilenceMs)',
    ...ends,
  },
  {
    rule: 'AC13',
    file: drive,
    from: '      lost = error\n      inputs.end()',
    to: '      lost = error',
    ...unit('tests/client/core/driven/lost.test.ts'),
  },
  {
    rule: 'TC3',
    file: 'shared/src/conflict/tool-calls.ts',
    from: 'if (isHeld(descriptor) && holderOf(holding) !== write.device)',
    to: 'if (holding === undefined)',
    ...unit('tests/shared/conflict/tool-calls.test.ts'),
  },
  {
    rule: 'AC13',
    file: `${acp}/notebook.ts`,
    from: 'if (refused) throw refused.error',
    to: '',
    ...host,
  },
]
