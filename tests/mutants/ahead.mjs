/** Text ahead of its signed pieces, and presence. */
const unit = (...tests) => ({ tests, project: 'unit' })
const text = unit('tests/shared/protocol/ahead-text.test.ts')
const tell = unit('tests/shared/protocol/ahead-telling.test.ts')
const hear = unit('tests/shared/protocol/ahead-hearing.test.ts')
const both = unit('tests/shared/protocol/ahead.test.ts')
const devices = unit('tests/client/core/ahead/devices.test.ts')
const followed = unit('tests/client/core/ahead/follow.test.ts')
const following = 'client/src/core/documents/following.ts'
const pieces = unit('tests/client/core/ahead/pieces.test.ts')
const hostile = unit('tests/client/core/ahead/hostile.test.ts')
const telling = 'shared/src/protocol/ahead-telling.ts'
const hearing = 'shared/src/protocol/ahead-hearing.ts'
const desk = 'client/src/core/ahead/desk.ts'

const presence = {
  file: 'client/src/core/presence.ts',
  ...unit('tests/client/core/presence.test.ts'),
}

export const mutants = [
  {
    rule: 'PN1',
    from: 'if (told === link.told) return',
    to: '',
    ...presence,
  },
  {
    rule: 'PN2',
    from: 'if (links.get(device) === link) links.delete(device)',
    to: '',
    ...presence,
  },
  {
    rule: 'PN3',
    from: '.filter(({ session }) => link.shares(session))\n      .sort',
    to: '.sort',
    ...presence,
  },
  {
    rule: 'PN3',
    from: 'link?.heard?.filter(({ session }) => link.shares(session))',
    to: 'link?.heard',
    ...presence,
  },
  {
    rule: 'TF1',
    file: 'shared/src/protocol/ahead-text.ts',
    from: 'return utf8Bytes(head) === offset - at ? text.slice(units) : undefined',
    to: 'return text.slice(units)',
    ...text,
  },
  {
    rule: 'TF2',
    file: telling,
    from: 'of.sent < own.signing ? now : of.sentAt + aheadMs',
    to: 'of.sentAt + aheadMs',
    ...tell,
  },
  {
    rule: 'TF2',
    file: telling,
    from: 'if (of.sent === text.upTo) of.sentAt = now',
    to: '',
    ...tell,
  },
  {
    rule: 'TF3',
    file: telling,
    from: 'if (of.sent < own.text.from) skip(of, own.text.from)',
    to: 'if (of.sent < own.text.from) of.sent = own.text.from',
    ...tell,
  },
  {
    rule: 'TF4',
    file: telling,
    from: 'if (busy) return []',
    to: '',
    ...tell,
  },
  {
    rule: 'TF4',
    file: telling,
    from: 'Math.min(own, aheadLinkWindowBytes - unheard, aheadFrameBytes)',
    to: 'Math.min(own, aheadFrameBytes)',
    ...tell,
  },
  {
    rule: 'TF4',
    file: telling,
    from: 'of.againAt = now + aheadAgainMs',
    to: '',
    ...tell,
  },
  {
    rule: 'TF5',
    file: telling,
    from: '.filter(({ session }) => view.shares(session))',
    to: '',
    ...tell,
  },
  {
    rule: 'TF5',
    file: hearing,
    from: '(view.shares(session) ? find(session, id)?.text : undefined)',
    to: '(find(session, id)?.text)',
    ...hear,
  },
  {
    rule: 'TF6',
    file: desk,
    from: "if (writer === repository.device) return own.find(session, id)?.after(offset) ?? ''",
    to: 'author = [...links.keys()].at(-1) ?? author',
    ...hostile,
  },
  {
    rule: 'TF7',
    file: hearing,
    from: 'if (isSame(text, offset, end, signed)) text.drop(end)',
    to: 'if (end >= 0) text.drop(end)',
    ...hear,
  },
  {
    rule: 'TF8',
    file: hearing,
    from: 'if (offset > text.upTo) return again(heard)',
    to: '',
    ...both,
  },
  {
    rule: 'TF8',
    file: hearing,
    from: 'offset < text.upTo ? behind(piece, text.upTo - offset) : piece',
    to: 'piece',
    ...both,
  },
  {
    rule: 'TF9',
    file: hearing,
    from: 'if (oldest && byRef.size >= maxAheadStreams) byRef.delete(oldest.ref)',
    to: '',
    ...hear,
  },
  {
    rule: 'TF9',
    file: hearing,
    from: 'if (cost() + bytes > maxAheadLinkBytes || !view.room(bytes)) return nothing',
    to: 'if (cost() + bytes > maxAheadLinkBytes) return nothing',
    ...hostile,
  },
  {
    rule: 'TF10',
    file: 'client/src/core/documents/watching.ts',
    from: 'ahead.onChange(tell)',
    to: '',
    ...devices,
  },
  {
    rule: 'TF12',
    file: 'client/src/core/ahead/link.ts',
    from: 'for (const session of hearing.sessions()) ports.changed(session)',
    to: '',
    ...devices,
  },
  {
    rule: 'TF15',
    file: following,
    from: 'text: text.slice(tail.length) })',
    to: 'text })',
    ...followed,
  },
  {
    rule: 'TF16',
    file: following,
    from: "const waits = same && state === 'open' && tail.startsWith(text)",
    to: 'const waits = false',
    ...followed,
  },
  {
    rule: 'TF16',
    file: following,
    from: 'else if (text.startsWith(tail)) {',
    to: 'else if (text.length >= tail.length) {',
    ...followed,
  },
  {
    rule: 'TF17',
    file: 'client/src/core/exchange/outgoing.ts',
    from: 'known && !whole ? ports.withoutText(delta) : undefined',
    to: 'known ? ports.withoutText(delta) : undefined',
    ...pieces,
  },
  {
    rule: 'TF17',
    file: telling,
    from: 'begun && since <= from && to <= sent ? ref : undefined',
    to: 'undefined',
    ...pieces,
  },
  {
    rule: 'TF18',
    file: 'client/src/core/exchange/incoming.ts',
    from: "if (guessed && (result?.at === 'other' || result?.at === 'refused')) return askWhole(log)",
    to: '',
    ...pieces,
  },
  {
    rule: 'TF12',
    file: 'client/src/core/documents/stream-writer.ts',
    from: 'if (isForGood(error)) ahead.over()',
    to: '',
    ...devices,
  },
  {
    rule: 'TF14',
    file: 'client/src/core/links.ts',
    from: 'bound.caps & caps.ahead ? (of) => ports.ahead.join(device, of) : undefined',
    to: '(of) => ports.ahead.join(device, of)',
    ...unit('tests/client/core/ahead/negotiation.test.ts'),
  },
]
