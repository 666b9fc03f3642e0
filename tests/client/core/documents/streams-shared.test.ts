/** SW10, SW11: messages that are written bit by bit, on two devices and over restarts. */
import { kinds } from '@baton/shared/log/kinds'
import { encodeStream, type StreamPiece } from '@baton/shared/model/stream-entries'
import { describe, expect, it } from 'vitest'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { openTestPeer } from '../../../support/peer.ts'
import { assistant, one, textOf } from '../../../support/stream-documents.ts'
import { twoDocuments } from '../../../support/two-documents.ts'
import { link } from '../../../support/two-peers.ts'

describe('on two devices', () => {
  it('SW10 the other one watches it grow, and sees it broken off when its device stops or dies', async () => {
    const two = await twoDocuments()
    const seen: (string | undefined)[] = []
    const stop = two.there.watch(async () => {
      seen.push(textOf((await two.there.history()).at(-1)))
    })
    const writer = await two.here.stream(assistant)
    for (const text of ['a', 'b', 'c']) {
      await writer.write(text)
      await writer.flush()
    }
    await two.meet()
    expect((await two.there.history()).at(-1)).toMatchObject({
      ...{ value: { content: 'abc' }, device: two.alice.device, stream: { state: 'open' } },
    })
    expect(seen.at(-1)).toBe('abc')
    for (const text of seen) expect('abc'.startsWith(text ?? '')).toBe(true)
    stop()
    await writer.write('d')
    await two.alice.documents.close()
    await two.meet()
    const message = (await two.there.history()).at(-1)
    expect(message?.stream).toEqual({ state: 'interrupted' })
    expect(textOf(message)).toBe('abcd')
    expect(await two.there.digest()).toBe(await two.here.digest())
  })

  it('SW10 one that is killed leaves what was flushed, and the other one learns that it is over', async () => {
    const disk = createFaultyDisk()
    const two = await twoDocuments({ bobStore: await disk.open() })
    const writer = await two.there.stream(assistant)
    await writer.write('flushed')
    await writer.flush()
    await two.meet()
    await writer.write(' and not')
    disk.crash()
    const again = await openTestPeer({ seed: 2, store: await disk.open() })
    await again.documents.open(two.here.session)
    const pair = await link(two.alice, again, false)
    await pair.flush()
    const message = (await two.here.history()).at(-1)
    expect([textOf(message), message?.stream]).toEqual(['flushed', { state: 'interrupted' }])
    expect(await (await again.documents.open(two.here.session)).digest()).toBe(
      await two.here.digest(),
    )
  })

  it('SW10 the last screen alone shows what is open, and what an earlier process left is broken off', async () => {
    const disk = createFaultyDisk()
    const { document } = await one(await disk.open())
    const held = { at: 'value', value: 'text' } as const
    await document.change(
      Array.from({ length: 1100 }, (_, i) => ({
        ...{ kind: 'message' as const, id: `m${i}`, consumes: undefined, held },
        parent: i === 0 ? undefined : `m${i - 1}`,
      })),
    )
    const writer = await document.stream(assistant)
    await writer.write('some')
    await writer.flush()
    disk.crash()
    const next = await openTestPeer({ seed: 1, store: await disk.open() })
    // Kept with the stream open in it.
    await next.documents.state(document.session)
    await next.documents.close()
    const peer = await openTestPeer({ seed: 1, store: next.store })
    const opened = await peer.documents.open(document.session)
    const [screen] = await opened.history({ last: 1 })
    expect([textOf(screen), screen?.stream]).toEqual(['some', { state: 'open' }])
    await peer.documents.open(document.session)
    await opened.digest()
    await opened.say('after')
    expect((await opened.history({ last: 2 }))[0]?.stream).toEqual({ state: 'interrupted' })
  })

  it('SW11 it is taken back while it is written, everywhere, and is over with that', async () => {
    const two = await twoDocuments()
    const writer = await two.here.stream(assistant, { id: 'a' })
    await writer.write('my password')
    await writer.flush()
    await two.meet()
    await expect(two.there.retract('a')).rejects.toMatchObject({ code: 'not-permitted' })
    await two.here.retract('a')
    await expect(writer.write('more')).rejects.toMatchObject({ code: 'invalid' })
    await two.meet()
    for (const document of [two.here, two.there]) {
      expect(await document.history()).toMatchObject([{ id: 'a', value: null, redacted: true }])
      expect((await document.history())[0]?.stream).toBeUndefined()
    }
  })

  it('SW4 a text that is not what its author hashed is shown, and flagged, on every device', async () => {
    const two = await twoDocuments()
    const piece: StreamPiece = {
      ...{ at: 'end', epoch: 0, id: 'a', offset: 0, text: 'this', hash: new Uint8Array(32) },
    }
    await two.alice.repository.write(two.here.session, (to) => {
      const names = { epoch: 0, id: 'a', parent: undefined, consumes: undefined }
      to.append(kinds.stream, encodeStream({ at: 'beginning', ...names, fields: {} }))
      to.append(kinds.stream, encodeStream(piece))
      return []
    })
    await two.meet()
    for (const document of [two.here, two.there]) {
      const [message] = await document.history()
      expect(textOf(message)).toBe('this')
      expect(message?.stream).toEqual({ state: 'done', flaw: 'different' })
    }
  })

  it('DC4 one that may only read cannot begin one, and one that is cut off meanwhile is told', async () => {
    const reader = await twoDocuments({ write: false })
    await expect(reader.there.stream({})).rejects.toMatchObject({ code: 'not-permitted' })
    const two = await twoDocuments()
    const writer = await two.there.stream({})
    await writer.write('before')
    await writer.flush()
    const { heads } = two.bob.repository
    const cut = new Map(heads(two.here.session).map(({ log }) => [log, 1]))
    two.bob.cuts.set('revoked', (log) => (cut.has(log) ? 1 : 0))
    await writer.write('after')
    await expect(writer.flush()).rejects.toMatchObject({ code: 'revoked' })
  })
})
