/** A document on one device into which messages are written bit by bit. */
import type { DocumentMessage } from '@baton/client/core/mesh-api'
import { entriesOf } from '@baton/client/core/repo/rows'
import { kinds } from '@baton/shared/log/kinds'
import { isPiece, parseStream } from '@baton/shared/model/stream-entries'
import { openTestPeer, type TestPeer } from './peer.ts'

export const assistant = { role: 'assistant' }
export const textOf = (message: DocumentMessage | undefined) =>
  (message?.value as { readonly content: string } | undefined)?.content
/** What of a message's text is on disk. */
export const signedOf = (message: DocumentMessage | undefined) => {
  const text = textOf(message)
  return text?.slice(0, text.length - (message?.stream?.ahead ?? 0))
}

export async function one(store?: Parameters<typeof openTestPeer>[0]['store']) {
  const peer = await openTestPeer({ seed: 1, ...(store ? { store } : {}) })
  const document = await peer.documents.create('agent')
  const last = async () => (await document.history()).at(-1)
  return { peer, document, last }
}

/** Texts of the pieces that a device holds, an end's among them. */
export async function piecesOf({ repository }: TestPeer): Promise<string[]> {
  const texts: string[] = []
  for (const session of repository.sessions()) {
    for (const { log } of repository.heads(session)) {
      for await (const delta of repository.read(log, 0)) {
        for (const { entry } of entriesOf(delta)) {
          const said = entry?.kind === kinds.stream ? parseStream(entry.payload) : undefined
          if (isPiece(said)) texts.push(said.text)
        }
      }
    }
  }
  return texts
}
