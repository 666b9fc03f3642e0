/** SW7 to SW9: messages that are written bit by bit, by their writer. */
import type { DocumentMessage } from '@baton/client/core/mesh-api'
import { maxContentBytes, streamPieceBytes, streamWindowBytes } from '@baton/shared/limits'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFaultyDisk } from '../../../support/faulty-store.ts'
import { openTestPeer } from '../../../support/peer.ts'
import { assistant, one, piecesOf, signedOf, textOf } from '../../../support/stream-documents.ts'
import { tries } from '../../../support/tries.ts'

describe('a writer', () => {
  it('SW7 what was written before a flush is on disk, the beginning at once; ended it is a message', async () => {
    const { document, last } = await one()
    await document.say({ role: 'user', content: 'tell me' }, { id: 'q' })
    const answer = await document.stream({ ...assistant, model: 'x' }, { id: 'a' })
    expect(await last()).toMatchObject({ id: 'a', parent: 'q', stream: { state: 'open' } })
    await answer.write('Once ')
    expect(signedOf(await last())).toBe('')
    await answer.write('upon')
    await answer.flush()
    expect(textOf(await last())).toBe('Once upon')
    await answer.write(' a time')
    await answer.end()
    const { value, stream } = (await last()) as DocumentMessage
    expect(stream).toBeUndefined()
    expect({ ...(value as object) }).toEqual({
      ...{ role: 'assistant', model: 'x', content: 'Once upon a time' },
    })
    await document.say('more')
    expect((await last())?.parent).toBe('a')
  })

  it('SW7 a piece is written once a second has passed, or 8 KiB are there', async () => {
    const { peer, document, last } = await one()
    const writer = await document.stream(assistant)
    await writer.write('a')
    await peer.clock.elapse(500)
    await writer.write('b')
    await peer.clock.elapse(499)
    expect(signedOf(await last())).toBe('')
    await peer.clock.elapse(1)
    expect(signedOf(await last())).toBe('ab')
    await writer.write('x'.repeat(streamPieceBytes + 5))
    await peer.clock.elapse(0)
    expect(signedOf(await last())?.length).toBe(2 + streamPieceBytes)
    await writer.end()
    expect((await piecesOf(peer)).map(({ length }) => length)).toEqual([2, streamPieceBytes, 5])
    expect(peer.clock.pending).toBe(0)
  })

  it('SW7 text is the same however it is handed over, and no piece splits a character', async () => {
    const unit = fc.constantFrom('a', 'é', '😀', '\ud83d', '\ude00', 'x'.repeat(5000))
    await fc.assert(
      fc.asyncProperty(
        fc.array(unit, { maxLength: 12 }),
        fc.array(fc.constantFrom('flush', 'wait', 'none'), { minLength: 1, maxLength: 6 }),
        async (texts, between) => {
          const { peer, document, last } = await one()
          const writer = await document.stream(assistant)
          for (const [i, text] of texts.entries()) {
            await writer.write(text)
            const then = between[i % between.length]
            if (then === 'flush') await writer.flush()
            if (then === 'wait') await peer.clock.elapse(1000)
          }
          await writer.end()
          const said = new TextDecoder().decode(new TextEncoder().encode(texts.join('')))
          expect(textOf(await last())).toBe(said)
          expect((await last())?.stream).toBeUndefined()
          for (const piece of await piecesOf(peer)) expect(piece).not.toMatch(/\p{Surrogate}/u)
        },
      ),
      { numRuns: tries(25) },
    )
  })

  it('SW7 calls that are not awaited take effect in their order', async () => {
    const { document, last } = await one()
    const writer = await document.stream(assistant)
    const calls = Array.from({ length: 50 }, (_, i) => writer.write(`${i} `))
    await Promise.all([...calls, writer.flush(), writer.end()])
    expect(textOf(await last())).toBe(Array.from({ length: 50 }, (_, i) => `${i} `).join(''))
  })

  it('SW8 one that is over takes nothing, and ending it again says nothing', async () => {
    const { peer, document, last } = await one()
    const writer = await document.stream(assistant)
    await writer.write('done')
    await writer.end()
    await writer.end()
    await writer.abort()
    expect((await piecesOf(peer)).length).toBe(1)
    await expect(writer.write('x')).rejects.toMatchObject({ code: 'invalid' })
    const other = await document.stream(assistant)
    await other.write('so far')
    await other.abort()
    expect(await last()).toMatchObject({ stream: { state: 'interrupted' } })
    expect(textOf(await last())).toBe('so far')
    await expect(other.end()).rejects.toMatchObject({ code: 'invalid' })
  })

  it('SW8 what no stream may hold is refused before anything is written', async () => {
    const { peer, document } = await one()
    const codes = async (...[fields, options]: Parameters<typeof document.stream>) =>
      document.stream(fields, options).then(
        () => 'taken',
        ({ code }: { code: string }) => code,
      )
    expect(await codes({ content: 'x' })).toBe('invalid')
    expect(await codes(['role'] as never)).toBe('invalid')
    expect(await codes({}, { id: '' })).toBe('invalid')
    expect(await codes({}, { id: 'x', consumes: '' })).toBe('invalid')
    expect(await codes({ note: 'x'.repeat(9000) })).toBe('too-large')
    expect((await document.history()).length).toBe(0)
    const writer = await document.stream({}, { id: 'a' })
    expect(await codes({}, { id: 'a' })).toBe('invalid')
    await expect(writer.write('x'.repeat(maxContentBytes + 1))).rejects.toMatchObject({
      code: 'too-large',
    })
    await writer.end()
    // Its name is taken, also by what is over or was said whole.
    expect(await codes({}, { id: 'a' })).toBe('invalid')
    await document.say('x', { id: 'b' })
    expect(await codes({}, { id: 'b' })).toBe('invalid')
    expect(await piecesOf(peer)).toEqual([''])
  })
})

describe('a disk', () => {
  it('SW9 that is slow makes its writer wait, with a bounded amount of text', async () => {
    const disk = createFaultyDisk()
    const { document, last } = await one(await disk.open())
    const writer = await document.stream(assistant)
    const held = disk.holdWrites()
    let taken = 0
    const half = 'x'.repeat(streamPieceBytes / 2)
    const all = (async () => {
      for (let i = 0; i < 40; i++) {
        await writer.write(half)
        taken += 1
      }
    })()
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    expect(taken * half.length).toBeGreaterThanOrEqual(streamWindowBytes - half.length)
    expect(taken * half.length).toBeLessThanOrEqual(streamWindowBytes + half.length)
    held.release()
    await all
    await writer.end()
    expect(textOf(await last())).toBe(half.repeat(40))
  })

  it('SW9 that is full refuses, and what was taken is written once, in order, when it has room', async () => {
    const disk = createFaultyDisk()
    const { peer, document, last } = await one(await disk.open())
    const writer = await document.stream(assistant)
    await writer.write('one ')
    disk.fill(0)
    await expect(writer.flush()).rejects.toMatchObject({ code: 'store-full' })
    await expect(writer.write('refused')).rejects.toMatchObject({ code: 'store-full' })
    disk.fill(undefined)
    // The disk tells all that it refused before.
    await new Promise(setImmediate)
    await writer.write('two ')
    expect(signedOf(await last())).toBe('one ')
    disk.fill(0)
    await expect(writer.end()).rejects.toMatchObject({ code: 'store-full' })
    disk.fill(undefined)
    await new Promise(setImmediate)
    // By itself, a second later.
    await peer.clock.elapse(1000)
    expect(textOf(await last())).toBe('one two ')
    expect((await last())?.stream).toBeUndefined()
    await writer.end()
    expect(peer.clock.pending).toBe(0)
  })

  it('SW9 killed between any two pieces it leaves what was flushed, marked as interrupted', async () => {
    for (let flushes = 0; flushes < 4; flushes++) {
      const disk = createFaultyDisk()
      const { peer, document } = await one(await disk.open())
      const writer = await document.stream(assistant, { id: 'a' })
      let text = ''
      for (let i = 0; i < flushes; i++) {
        await writer.write(`piece ${i} `)
        await writer.flush()
        text += `piece ${i} `
      }
      await writer.write('never flushed')
      disk.crash()
      const again = await openTestPeer({ seed: 1, store: await disk.open(), clock: peer.clock })
      const opened = await again.documents.open(document.session)
      const [message] = await opened.history()
      expect(textOf(message)).toBe(text)
      expect(message?.stream).toEqual({ state: 'interrupted' })
      // It is said once.
      const pieces = await piecesOf(again)
      await again.documents.open(document.session)
      expect(await piecesOf(again)).toEqual(pieces)
      // The id is free for nobody else's words: it goes on in another message.
      expect((await opened.history()).length).toBe(1)
    }
  })
})
