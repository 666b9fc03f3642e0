/** Messages written bit by bit. */
const unit = (...tests) => ({ tests, project: 'unit' })
const folded = unit('tests/shared/conflict/streams.test.ts')
const states = unit('tests/shared/conflict/stream-states.test.ts')
const text = unit('tests/shared/model/stream-text.test.ts')
const own = unit('tests/client/core/documents/streams.test.ts')
const shared = unit('tests/client/core/documents/streams-shared.test.ts')
const again = unit('tests/client/core/streams-again.test.ts')
const writer = 'client/src/core/documents/stream-writer.ts'
const streams = 'shared/src/conflict/streams.ts'
const shown = 'shared/src/conflict/shown-stream.ts'
const turns = unit('tests/shared/conflict/stream-turns.test.ts')
const goesOn = unit('tests/client/core/handoff/streams.test.ts')

export const mutants = [
  {
    rule: 'SW1',
    file: 'shared/src/model/stream-entries.ts',
    from: 'if (offset + utf8Bytes(text) > maxContentBytes',
    to: 'if (offset + text.length > maxContentBytes',
    ...text,
  },
  {
    rule: 'SW2',
    file: 'shared/src/model/stream-text.ts',
    from: "half = isHigh(all.charCodeAt(all.length - 1)) ? all.slice(-1) : ''",
    to: "half = ''",
    ...text,
  },
  {
    rule: 'SW3',
    file: streams,
    from: '[...parts.values()].sort((a, b) => a.offset - b.offset)',
    to: '[...parts.values()]',
    ...folded,
  },
  {
    rule: 'SW3',
    file: streams,
    from: '(part.bytes === same.bytes && isBefore(part, same))',
    to: 'part.bytes === same.bytes',
    ...folded,
  },
  {
    rule: 'SW3',
    file: 'shared/src/conflict/stream-columns.ts',
    from: 'for (const log of fresh) stream.logs.add(logs.at(log).log)',
    to: '',
    ...folded,
  },
  {
    rule: 'SW4',
    file: shown,
    from: "if (missing && state === 'open') break",
    to: '',
    ...folded,
  },
  {
    rule: 'SW4',
    file: shown,
    from: "return hash && !equalBytes(sha256(utf8Encode(text)), hash) ? 'different' : undefined",
    to: 'return undefined',
    ...folded,
  },
  {
    rule: 'SW4',
    file: shown,
    from: 'if (part.offset < at || endOf(part) > total) return false',
    to: 'if (part.offset < at) return false',
    ...folded,
  },
  {
    rule: 'SW5',
    file: streams,
    from: 'if ((a.hash === undefined) !== (b.hash === undefined)) return a.hash !== undefined',
    to: '',
    ...states,
  },
  {
    rule: 'SW5',
    file: 'shared/src/conflict/document-members.ts',
    from: 'if (beginning.predecessor) state.followed.add(beginning.predecessor)',
    to: '',
    ...states,
  },
  {
    rule: 'SW5',
    file: streams,
    from: ' || stream.epoch < epoch) return',
    to: ') return',
    ...states,
  },
  {
    rule: 'SW5',
    file: streams,
    from: '!followed.has(log) && cuts(log) === undefined',
    to: '!followed.has(log)',
    ...states,
  },
  {
    rule: 'SW6',
    file: streams,
    from: '  again?.[0] ? splitLogId(again[0]',
    to: '  again?.[9] ? splitLogId(again[0]',
    ...states,
  },
  {
    rule: 'SW6',
    file: 'client/src/core/repo/taken-back.ts',
    from: 'return new Set([...gone, ...own',
    to: 'return new Set([...own',
    ...again,
  },
  {
    rule: 'SW6',
    file: 'client/src/core/repo/republishing.ts',
    from: 'if (each !== last && (group === undefined || groupOf(each.entry) !== group)) continue',
    to: 'if (each !== last) continue',
    ...again,
  },
  {
    rule: 'SW7',
    file: writer,
    from: 'if (text.bytes > 0) arm()',
    to: '',
    ...own,
  },
  {
    rule: 'SW8',
    file: writer,
    from: "if (ended === 'end' && at === 'broken-off') at = ended",
    to: '',
    ...own,
  },
  {
    rule: 'SW9',
    file: writer,
    from: 'failed || queued + text.bytes >= streamWindowBytes',
    to: 'failed',
    ...own,
  },
  {
    rule: 'SW9',
    file: writer,
    from: 'queue.splice(0, batch.length)',
    to: 'queue.splice(0, queue.length)',
    ...own,
  },
  {
    rule: 'SW9',
    file: writer,
    from: "if (isBatonError(error) && error.code === 'store-full') arm()",
    to: '',
    ...own,
  },
  {
    rule: 'SW10',
    file: 'client/src/core/documents/streaming.ts',
    from: "if (!beginningOf(seen, id, author) || streamState(seen, stream) !== 'open') continue",
    to: 'continue',
    ...shared,
  },
  {
    rule: 'SW11',
    file: 'client/src/core/documents/documents.ts',
    from: 'await streaming.stop(session, id)',
    to: '',
    ...shared,
  },
  {
    rule: 'SW6',
    file: streams,
    from: 'if (isOwn(stream, part)) parts.set(part.offset, part)',
    to: 'parts.set(part.offset, part)',
    ...states,
  },
  {
    rule: 'SW6',
    file: shown,
    from: 'const before = own[next]?.offset ?? total',
    to: 'const before = total',
    ...states,
  },
  {
    rule: 'SW6',
    file: shown,
    from: 'const most = end && isOwn(stream, end) ? total : Number.POSITIVE_INFINITY',
    to: 'const most = total',
    ...states,
  },
  {
    rule: 'SW7',
    file: writer,
    from: 'while (queue.length > 0)\n  }\n\n  const tryDrain',
    to: 'while (false)\n  }\n\n  const tryDrain',
    ...unit('tests/client/core/documents/stream-writer.test.ts'),
  },
  {
    rule: 'SW12',
    file: shown,
    from: '.filter((part) => part.offset >= from && endOf(part) <= upTo)',
    to: '.filter((part) => part.offset >= from)',
    ...turns,
  },
  {
    rule: 'SW12',
    file: shown,
    from: 'if (end?.hash && end.epoch < epoch) break',
    to: '',
    ...turns,
  },
  {
    rule: 'SW12',
    file: streams,
    from: 'if (end?.epoch === stream.epoch ||',
    to: 'if (end ||',
    ...turns,
  },
  {
    rule: 'SW13',
    file: 'client/src/core/documents/streaming.ts',
    from: 'ahead: ports.ahead.own(session, id, bytes.length)',
    to: 'ahead: ports.ahead.own(session, id, 0)',
    ...goesOn,
  },
  {
    rule: 'SW13',
    file: 'client/src/core/documents/going-on.ts',
    from: 'if (epoch <= Math.max(',
    to: 'if (epoch < Math.max(',
    ...goesOn,
  },
  {
    rule: 'SW13',
    file: 'client/src/core/documents/streaming.ts',
    from: 'if (!beginningOf(seen, id, author) ||',
    to: 'if (seen.messages.get(id)?.stream !== author ||',
    ...goesOn,
  },
  {
    rule: 'SW14',
    file: 'shared/src/conflict/document-holding.ts',
    from: '({ ...state, ...state.beside })',
    to: '({ ...state, messages: state.beside.messages })',
    ...turns,
  },
]
